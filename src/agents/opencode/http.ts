import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { clip } from "../../lib/text.ts";
import { json } from "../lines.ts";
import { events } from "../sse.ts";

/** The HTTP side of one OpenCode process, for one workspace. */
export interface Http {
  /** Resolves to the JSON that came back, or null; rejects with `HttpError` for what the server refuses. */
  call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown>;
  /** All that happens from now on. Ends with the server. */
  events(): Promise<AsyncIterable<unknown>>;
}

export class HttpError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const CALL_MS = 20_000;
const TRIES = 8;
const AGAIN_MS = 150;

const Problem = z.object({ message: z.string().optional(), data: z.object({ message: z.string() }).optional() });

export function createHttp(at: { port: number; password: string; cwd: string; signal: AbortSignal }): Http {
  const authorization = `Basic ${Buffer.from(`opencode:${at.password}`).toString("base64")}`;
  const url = (path: string): string =>
    `http://127.0.0.1:${at.port}${path}${path.includes("?") ? "&" : "?"}directory=${encodeURIComponent(at.cwd)}`;

  async function call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
    const init = {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    for (let left = TRIES; ; left--) {
      try {
        const signal = AbortSignal.any([at.signal, AbortSignal.timeout(CALL_MS)]);
        return await read(await fetch(url(path), { ...init, signal }), `${method} ${path}`);
      } catch (error) {
        // The first calls may be refused or cut off; twice is for what was never begun, or changes nothing.
        const again = AGAIN[method].includes(codeOf(error));
        if (left === 0 || at.signal.aborted || !again) throw worded(error);
        await wait(AGAIN_MS);
      }
    }
  }

  return {
    call,
    events: async () => {
      const response = await fetch(url("/event"), { headers: { authorization }, signal: at.signal });
      const type = response.headers.get("content-type") ?? "nothing";
      if (!response.ok || !response.body || !type.startsWith("text/event-stream"))
        throw new HttpError(`OpenCode answered GET /event with ${response.status} and ${type}.`, response.status);
      return parsed(response.body);
    },
  };
}

const AGAIN = { GET: ["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET"], POST: ["ECONNREFUSED"] };
const causeOf = (error: unknown): unknown => (error instanceof TypeError ? error.cause : null);
const codeOf = (error: unknown): string => {
  const cause = causeOf(error);
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
};
/** `fetch failed` says nothing. */
const worded = (error: unknown): unknown => causeOf(error) ?? error;

async function read(response: Response, what: string): Promise<unknown> {
  const text = await response.text();
  const value = json(text);
  if (!response.ok) {
    const { data, message } = Problem.safeParse(value).data ?? {};
    throw new HttpError(
      data?.message ?? message ?? `OpenCode answered ${what} with ${response.status}.`,
      response.status,
    );
  }
  if (text === "") return null;
  if (value !== undefined) return value;
  // For a path that it does not know it serves its web page.
  const type = response.headers.get("content-type") ?? "text";
  throw new HttpError(`OpenCode answered ${what} with ${type} where JSON belongs: ${clip(text, 60)}`, response.status);
}

async function* parsed(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const data of events(body)) yield json(data);
}
