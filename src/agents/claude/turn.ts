import type { Turn } from "../../core/parts.ts";
import type { Desk, Run } from "../../core/ports/agent.ts";
import type { Child } from "../../core/ports/spawn.ts";
import { createFeed, failed, INTERRUPTED } from "../feed.ts";
import { lines } from "../lines.ts";
import { mcpFile } from "../mcp.ts";
import { tail } from "../trouble.ts";
import { createAsks } from "./asks.ts";
import { createEnd } from "./end.ts";
import { createGate } from "./gate.ts";
import { argsOf, contentOf, envOf, readMemory } from "./order.ts";
import { INSTALL } from "./outcome.ts";
import { createSteer, userLine } from "./steer.ts";
import { type Course, createTalk, type How, type Parts } from "./talk.ts";

/** One turn: a process is started, told the words, followed to its last message, and ended. */
export function begin(turn: Turn, desk: Desk, how: How): Run {
  const feed = createFeed();
  const asks = createAsks(feed);
  const steer = createSteer(feed);
  const gate = createGate({ turn, desk, asks });
  const memory = desk.memory === null ? null : readMemory(desk.memory.token);
  if (desk.signal.aborted) feed.end(INTERRUPTED);
  else if (desk.memory && !memory) feed.end(failed("forgotten", `Claude Code has no memory like ${desk.memory.token}`));
  else void start({ turn, desk, how, feed }, { asks, gate, steer, memory }); // it ends the feed, whatever happens
  return { answer: asks.answer, steer: steer.say, [Symbol.asyncIterator]: () => feed[Symbol.asyncIterator]() };
}

async function start(course: Course, parts: Omit<Parts, "end" | "send">): Promise<void> {
  const { desk, feed } = course;
  try {
    const mcp = await mcpFile(desk);
    if (desk.signal.aborted) feed.end(INTERRUPTED);
    else await follow(course, parts, mcp?.path ?? null);
    await mcp?.clear();
  } catch (error) {
    feed.end(failed("failed", String(error)));
  }
}

async function follow(course: Course, parts: Omit<Parts, "end" | "send">, mcp: string | null): Promise<void> {
  const { turn, desk, how, feed } = course;
  const abort = new AbortController();
  const kill = (): void => abort.abort();
  const args = [...how.args, ...argsOf(turn, desk, { memory: parts.memory, mcp })];
  const env = envOf(desk, desk.tmp);
  const child = desk.spawn({ command: how.command, args, cwd: desk.cwd, env, signal: abort.signal });
  const errors = tail(child.stderr);
  const send = sender(child);
  const end = createEnd({ child, kill, times: how.times, signal: desk.signal });
  const talk = createTalk(course, { ...parts, end, send });
  const stop = (): void => {
    parts.asks.close();
    end.stop(talk.began ? () => send(control("interrupt")) : null);
  };
  desk.signal.addEventListener("abort", stop, { once: true });
  try {
    send(control("initialize", { hooks: { PreToolUse: [{ matcher: "", hookCallbackIds: ["gate"] }] } }));
    send(userLine(await contentOf(turn, desk)));
    parts.steer.start(send);
    for await (const line of lines(child.stdout)) talk.take(line);
    end.close();
    const { code, signal } = await child.done;
    feed.end(end.outcome ?? failed("crashed", crash(code ?? signal, errors.text())));
  } catch (error) {
    feed.end(end.outcome ?? failed("failed", notStarted(error)));
  } finally {
    desk.signal.removeEventListener("abort", stop);
    parts.asks.close();
    talk.over();
    end.over();
  }
}

const sender =
  (child: Child) =>
  (line: object): void => {
    // A process that is gone is noticed by the end of its output.
    child.write(`${JSON.stringify(line)}\n`).catch(() => undefined);
  };

let requests = 0;
const control = (subtype: string, rest: object = {}): object => ({
  type: "control_request",
  request_id: `oca-${++requests}`,
  request: { subtype, ...rest },
});

const crash = (how: number | string | null, said: string): string =>
  [`Claude Code stopped in the middle of its turn (${how})`, said].filter((part) => part !== "").join(": ");

function notStarted(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.includes("not found in PATH") ? `${words}\n${INSTALL}` : words;
}
