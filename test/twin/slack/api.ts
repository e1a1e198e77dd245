import { setTimeout as wait } from "node:timers/promises";
import type { Fault, Faults } from "./faults.ts";
import { type Json, obj, refuse, str } from "./json.ts";
import type { Meter } from "./limits.ts";
import { app } from "./methods/app.ts";
import { channels } from "./methods/channels.ts";
import { chat } from "./methods/chat.ts";
import { files } from "./methods/files.ts";
import { reactions } from "./methods/reactions.ts";
import { views } from "./methods/views.ts";
import type { Request, Response } from "./server.ts";
import type { Method, Methods, World } from "./world.ts";

/** One call of the Web API, as a test can look at it. */
export interface Call {
  method: string;
  args: Json;
  at: number;
  /** Empty while it runs, `ok`, or the error. */
  outcome: string;
}

export interface Tokens {
  bot: string;
  app: string;
}

export interface ApiOrder {
  world: World;
  tokens: Tokens;
  /** What every token is answered with once it was taken back; null while they are good. */
  revoked: () => string | null;
  meter: Meter;
  faults: Faults;
  /** Address for a WebSocket; null in HTTP mode. */
  socketUrl: () => string | null;
  /** How long every call takes. */
  lagMs: () => number;
}

/** Every method that the twin knows; all others are unknown to it. */
export const METHODS: Methods = { ...app, ...channels, ...chat, ...files, ...reactions, ...views };

export function createApi(order: ApiOrder): {
  calls: Call[];
  answer(method: string, request: Request): Promise<Response>;
} {
  const calls: Call[] = [];
  return {
    calls,
    answer: async (method, request) => {
      const args = argsOf(request);
      const call = { method, args, at: order.world.now(), outcome: "" };
      calls.push(call);
      if (order.lagMs() > 0) await wait(order.lagMs());
      const fault = order.faults.take(method, args);
      if (fault && fault.is !== "lost") return faulty(fault, call);
      const response = await judge(order, call, tokenOf(request, args));
      return fault ? "cut" : response;
    },
  };
}

function faulty(fault: Exclude<Fault, { is: "lost" }>, call: Call): Response {
  call.outcome = fault.is;
  if (fault.is === "error") return json(refuse(fault.error));
  if (fault.is !== "status") return fault.is;
  const headers = fault.retryAfter === null ? {} : { "retry-after": String(fault.retryAfter) };
  return { ...json(refuse(fault.status === 429 ? "ratelimited" : "internal_error"), headers), status: fault.status };
}

async function judge(order: ApiOrder, call: Call, token: string): Promise<Response> {
  const { world, meter } = order;
  const method = METHODS[call.method];
  const tier = method?.tier ?? "free";
  const seconds = meter(call.method, tier, str(call.args["channel"]));
  if (seconds !== null) {
    call.outcome = "ratelimited";
    return { ...json(refuse("ratelimited"), { "retry-after": String(seconds) }), status: 429 };
  }
  const answer = refusedToken(order, call.method, token) ?? (await run(call, method, world));
  call.outcome = answer["ok"] === true ? "ok" : str(answer["error"]);
  const accepted = method ? scopeOf(method, call.args, world) : null;
  return json(answer, {
    "x-oauth-scopes": [...world.manifest.scopes].join(","),
    "x-accepted-oauth-scopes": accepted ?? "",
  });
}

function refusedToken({ tokens, revoked, socketUrl }: ApiOrder, method: string, token: string): Json | null {
  if (token === "") return refuse("not_authed");
  if (token !== tokens.bot && token !== tokens.app) return refuse("invalid_auth");
  const reason = revoked();
  if (reason !== null) return refuse(reason);
  const isOpening = method === "apps.connections.open";
  if (isOpening !== (token === tokens.app) && method !== "auth.test") return refuse("not_allowed_token_type");
  if (!isOpening) return null;
  const url = socketUrl();
  return url === null ? refuse("socket_mode_not_enabled") : { ok: true, url };
}

async function run({ method: name, args }: Call, method: Method | undefined, world: World): Promise<Json> {
  if (!method) return refuse("unknown_method", { req_method: name });
  const needed = scopeOf(method, args, world);
  const { scopes } = world.manifest;
  if (needed !== null && !scopes.has(needed))
    return refuse("missing_scope", { needed, provided: [...scopes].join(",") });
  return await method.run(args, world);
}

const scopeOf = ({ scope }: Method, args: Json, world: World): string | null =>
  typeof scope === "function" ? scope(args, world) : scope;

/** Arguments that are JSON inside a form. */
const NESTED = new Set(["blocks", "attachments", "metadata", "view", "files", "message", "users_list"]);

function argsOf({ headers, body, query }: Request): Json {
  if (headers["content-type"]?.includes("json")) return obj(parsed(body.toString()));
  const form = [...query, ...new URLSearchParams(body.toString())];
  return Object.fromEntries(form.map(([key, value]) => [key, NESTED.has(key) ? parsed(value) : value]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // judged where it is used
  }
}

const tokenOf = ({ headers }: Request, args: Json): string =>
  headers.authorization?.replace(/^Bearer /, "") ?? str(args["token"]);

export const json = (answer: Json, headers: Record<string, string> = {}) => ({
  status: 200,
  headers,
  body: JSON.stringify(answer),
});
