import { setTimeout as wait } from "node:timers/promises";
import {
  type ClientContext,
  methods,
  type McpServer as Offered,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import { z } from "zod";
import type { Desk, McpServer } from "../../core/ports/agent.ts";
import { json } from "../lines.ts";
import { headersOf } from "../mcp.ts";
import type { Quirks } from "../quirks.ts";
import { Init, Opened } from "../wire/acp.ts";

/** The conversation and what it has cost so far: agents report the sum over all turns. */
const Memory = z.object({ id: z.string(), cost: z.number() });
export type Memory = z.infer<typeof Memory>;

export const writeMemory = (memory: Memory): string => JSON.stringify(memory);
export const readMemory = (token: string): Memory => Memory.safeParse(json(token)).data ?? { id: token, cost: 0 };

/** The conversation is gone; the message is for a person. */
export class Forgotten extends Error {}

/** What of the protocol's unfinished parts we use has no constant in the SDK's stable half. */
const FORK = "session/fork";
/** A replay that has been silent for so long is over. */
const REPLAY_MS = 100;

/** Files and terminals are not offered: the agent works with its own, in its own containment. */
export async function initialize(agent: ClientContext): Promise<Init> {
  return Init.parse(
    await agent.request(methods.agent.initialize, {
      protocolVersion: PROTOCOL_VERSION,
      clientInfo: { name: "oca", version: "1" },
      clientCapabilities: { elicitation: { form: {} } },
    }),
  );
}

export interface Opening {
  agent: ClientContext;
  name: string;
  init: Init;
  quirks: Quirks;
  desk: Desk;
  /** Milliseconds since something last came. */
  quiet(): number;
}

/** A conversation: a new one, the old one, or a copy of it. Rejects with `Forgotten` when the old one is gone. */
export async function open(how: Opening): Promise<{ opened: Opened; memory: Memory }> {
  const { agent, quirks, desk } = how;
  const login = quirks.authenticate.find(({ when }) => when === null || desk.env[when] !== undefined);
  if (login) await agent.request(methods.agent.authenticate, { methodId: login.method });
  const mcpServers = desk.mcp.filter((server) => lack(server, how) === null).map(offered);
  const place = { cwd: desk.cwd, mcpServers, _meta: quirks.meta };
  const before = desk.memory && readMemory(desk.memory.token);
  const forks = how.init.agentCapabilities?.sessionCapabilities?.fork;
  if (!before || !desk.memory || (desk.memory.fork && !forks))
    return fresh(await agent.request(methods.agent.session.new, place));
  const from = { ...place, sessionId: before.id };
  try {
    if (desk.memory.fork) return fresh(await agent.request(FORK, from), before.cost);
    return { opened: await goOn(how, from), memory: before };
  } catch (error) {
    throw error instanceof RequestError && isForgotten(error) ? forgotten(how.name, wordsOf(error)) : error;
  }
}

/** Why a server of tools is not for this agent; null when it is. One that has an address is for those who say that they can reach it. */
export function lack({ is }: McpServer, { init, quirks }: Pick<Opening, "init" | "quirks">): string | null {
  if (!quirks.servers) return "starts none in a folder that it does not trust";
  return is === "command" || init.agentCapabilities?.mcpCapabilities?.http === true ? null : "takes none by address";
}

function offered(server: McpServer): Offered {
  const pairs = (of: Readonly<Record<string, string>>): { name: string; value: string }[] =>
    Object.entries(of).map(([name, value]) => ({ name, value }));
  const { name } = server;
  if (server.is === "url") return { type: "http", name, url: server.url, headers: pairs(headersOf(server)) };
  return { name, command: server.command, args: server.args, env: pairs(server.env) };
}

/** A copy of a conversation begins with what the old one has cost. */
function fresh(answer: unknown, cost = 0): { opened: Opened; memory: Memory } {
  const opened = Opened.parse(answer);
  if (!opened.sessionId) throw new Error("the agent opened a conversation without a name");
  return { opened, memory: { id: opened.sessionId, cost } };
}

interface From {
  sessionId: string;
  cwd: string;
  mcpServers: Offered[];
  _meta: Record<string, unknown>;
}

async function goOn({ agent, name, init, quirks, quiet }: Opening, from: From): Promise<Opened> {
  const able = init.agentCapabilities;
  const resumes = quirks.memory === "resume" || (quirks.memory === "auto" && able?.sessionCapabilities?.resume);
  if (resumes) return Opened.parse((await agent.request(methods.agent.session.resume, from)) ?? {});
  if (!able?.loadSession) throw forgotten(name, "it cannot go on with a conversation");
  const opened = Opened.parse((await agent.request(methods.agent.session.load, from)) ?? {});
  // The replay of the old words may come after the answer, and is not of this turn.
  while (quiet() < REPLAY_MS) await wait(REPLAY_MS);
  return opened;
}

const GONE = /not found|unknown session|no such session|no previous sessions|invalid session/i;
const isForgotten = (error: RequestError): boolean => error.code === -32_002 || GONE.test(wordsOf(error));

/** What an agent says went wrong; the details are often the better half. */
export function wordsOf({ message, data }: RequestError): string {
  const details = z
    .union([z.string(), z.object({ details: z.string() }).transform(({ details }) => details)])
    .safeParse(data);
  return details.success ? `${message}: ${details.data}` : message;
}

const forgotten = (name: string, why: string): Forgotten =>
  new Forgotten(`${name} no longer knows this conversation: ${why}. A new one has to begin.`);
