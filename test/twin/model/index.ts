import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Block, fail, find, type Play, type Scene, type Scripts, type Told, text } from "./script.ts";
import { anthropic } from "./wire/anthropic.ts";
import { chat } from "./wire/chat.ts";
import { gemini } from "./wire/gemini.ts";
import { responses } from "./wire/responses.ts";
import type { Voice, Wire } from "./wire/wire.ts";

/** One request, as a test can look at it. */
export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** The body as it came. */
  raw: string;
  bytes: number;
  told: Told | null;
  play: Play | null;
  side: boolean;
  /** The agent hung up before the answer was over. */
  cut: boolean;
}

export interface Model {
  url: string;
  /** All requests, oldest first. */
  seen: readonly Seen[];
  /** Requests of the agent's own conversation: neither side calls nor probes. */
  turns(script?: string): Seen[];
  stop(): Promise<void>;
}

export interface ModelOptions {
  scripts: Scripts;
  /** Folder of the agent, where its requests do not tell. */
  cwd?: string;
  /** A script that goes round in circles is ended after this many plays. */
  maxPlays?: number;
}

const ROUTES: readonly [RegExp, Wire][] = [
  [/\/messages$/, anthropic],
  [/\/responses$/, responses],
  [/\/chat\/completions$/, chat],
  [/:(?:streamG|g)enerateContent$/, gemini],
];

/**
 * A model that follows scripts, in the words of four providers. A prompt says which with `[[s:NAME]]`; how far it is, the
 * conversation itself says. So it has no state: resumed, forked and parallel conversations just work.
 */
export async function startModel({ scripts, cwd, maxPlays = 400 }: ModelOptions): Promise<Model> {
  const seen: Seen[] = [];
  let plays = 0;
  let url = "";

  const pick = (play: Play | null, told: Told): readonly Block[] => {
    if (++plays > maxPlays) return [fail(400, `the scripted model has played ${maxPlays} steps: something goes round`)];
    if (!play) return [text("ok")];
    const step = scripts[play.name]?.[play.step];
    if (step === undefined) return [text(scripts[play.name] ? "Over." : `There is no script ${play.name}.`)];
    return typeof step === "function" ? step(sceneOf(told, play)) : step;
  };
  const sceneOf = (told: Told, play: Play): Scene => ({
    ...told,
    cwd: cwd ?? folderOf(told),
    arg: play.arg,
    since: play.since,
    url,
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: address = "", headers } = request;
    const path = address.replace(/\?.*/, "");
    const raw = await bodyOf(request);
    const body = parsed(raw);
    const wire = method === "POST" && body !== null ? ROUTES.find(([route]) => route.test(path))?.[1] : undefined;
    const entry: Seen = {
      method,
      path,
      headers,
      raw,
      bytes: raw.length,
      told: null,
      play: null,
      side: false,
      cut: false,
    };
    seen.push(entry);
    response.on("close", () => {
      entry.cut = !response.writableEnded;
    });
    if (!wire) {
      const found = aside(path);
      const missing = { error: { type: "not_found_error", message: `no route ${path}` } };
      return json(response, found ?? missing, found ? 200 : 404);
    }
    const told = wire.read(body);
    const words = wire.side(body, told);
    entry.told = told;
    entry.side = words !== null;
    entry.play = words === null ? find(told.says) : null;
    const blocks = words === null ? pick(entry.play, told) : [text(words)];
    const play = entry.play ?? { name: "none", arg: "", step: 0, since: [] };
    await send({ wire, blocks, response, told, play, stream: wire.streams(body, path) });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    seen,
    turns: (script) =>
      seen.filter(({ told, side, play }) => told && !side && (script === undefined || play?.name === script)),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

interface Sending {
  wire: Wire;
  blocks: readonly Block[];
  response: ServerResponse;
  told: Told;
  play: Play;
  stream: boolean;
}

async function send({ wire, blocks, response, told, play, stream }: Sending): Promise<void> {
  const failure = blocks.find((block) => block.do === "fail");
  if (failure) {
    const { headers, body } = wire.error(failure);
    return json(response, body, failure.status, headers);
  }
  if (!stream) return json(response, wire.whole(told, play, blocks));
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const voice = wire.speak(told, play, (chunk) => void response.write(chunk));
  voice.begin();
  for (const block of blocks) {
    if (response.closed) return;
    if (block.do === "drop") {
      // What was said so far is to arrive first.
      await wait(60);
      response.destroy();
      return;
    }
    await perform(block, voice, response);
  }
  voice.end();
  response.end();
}

async function perform(block: Block, voice: Voice, response: ServerResponse): Promise<void> {
  if (block.do === "think") return voice.think(block.text);
  if (block.do === "tool") return voice.tool(block);
  if (block.do === "hang") return pause(block.ms, response);
  if (block.do !== "text") return;
  const said = voice.text(block.text);
  for (const word of block.everyMs === undefined ? [block.text] : (block.text.match(/\S+\s*/g) ?? [])) {
    if (response.closed) return;
    said.word(word);
    if (block.everyMs !== undefined) await pause(block.everyMs, response);
  }
  said.end();
}

/** Ends early when the agent hangs up. */
async function pause(ms: number, response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  response.once("close", stop);
  await wait(ms, undefined, { signal: over.signal }).catch(() => undefined);
  response.off("close", stop);
}

/** What agents ask beside conversations: is anybody there, which models, how many tokens. */
function aside(path: string): object | null {
  if (path.endsWith("/count_tokens")) return { input_tokens: 1234 };
  if (path.endsWith(":countTokens")) return { totalTokens: 1234 };
  if (path.endsWith("/models")) return { object: "list", data: [{ id: "scripted-1" }], models: [] };
  return path === "/" || path.endsWith("/hello") || path.startsWith("/canary/") ? {} : null;
}

function json(response: ServerResponse, body: object, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null; // a probe without a body
  }
}

/** Every agent tells the model where it works, each in its own words. */
function folderOf({ system, says }: Told): string {
  const all = [system, ...says.map(({ text }) => text)].join("\n");
  const found = FOLDERS.map((words) => words.exec(all)?.[1]).find((folder) => folder !== undefined);
  return found ?? "/nonexistent";
}

const FOLDERS = [
  /<cwd>([^<]+)<\/cwd>/,
  /[Ww]orking directory(?: is)?: *`?(\/[^\s`]+)/,
  /Workspace Directories:\**\s*-\s*(\/\S+)/,
];
