import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { METHODS, type Upload } from "./methods.ts";
import type { Queue } from "./queue.ts";
import { Refused } from "./rules.ts";
import type { World } from "./world.ts";

/** Faults of the way to Telegram, changed while a test runs. */
export interface Faults {
  /** Answers the next calls that fit. `drop`: the call is obeyed, but its answer is lost; `cut`: it never arrives. */
  next: { method: string; how: Refused | "drop" | "cut" }[];
  /** Every connection is cut. */
  outage: boolean;
  /** The token is refused. */
  revoked: boolean;
  /** Hears of each call, before it is obeyed and before it is answered; true cuts its connection there. */
  watch: (method: string, when: "before" | "after", params: Record<string, unknown>) => boolean;
}

export async function serve(
  token: string,
  parts: { world: World; queue: Queue; faults: Faults },
): Promise<{ url: string; close(): Promise<void> }> {
  const { faults, world } = parts;
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind, key, name = ""] = /^\/(bot|file\/bot)([^/]+)\/(.*)$/.exec(request.url ?? "") ?? [];
    const { params, files } = await body(request);
    if (faults.outage) return void response.destroy();
    if (kind === "file/bot") return sendFile(name, response);
    const index = faults.next.findIndex((one) => one.method === name || one.method === "*");
    const [fault] = index < 0 ? [] : faults.next.splice(index, 1);
    if (fault?.how === "cut" || faults.watch(name, "before", params)) return void response.destroy();
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    let result: unknown;
    try {
      if (key !== token || faults.revoked) throw new Refused(401, "Unauthorized");
      if (fault?.how instanceof Refused) throw fault.how;
      result = { ok: true, result: await obey(name, { params, files, signal: gone.signal }) };
      world.calls.push({ method: name, params, ok: true });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      world.calls.push({ method: name, params, ok: false });
      response.statusCode = error.code;
      result = {
        ok: false,
        error_code: error.code,
        description: error.message,
        ...(error.parameters ? { parameters: error.parameters } : {}),
      };
    }
    if (fault?.how === "drop" || faults.watch(name, "after", params) || response.destroyed)
      return void response.destroy();
    response.setHeader("content-type", "application/json").end(JSON.stringify(result));
  }
  async function obey(
    name: string,
    { params, files, signal }: { params: Record<string, unknown>; files: Map<string, Upload>; signal: AbortSignal },
  ): Promise<unknown> {
    const own = parts.queue.methods[name];
    if (own) return own(params, signal);
    const method = METHODS[name];
    if (!method) throw new Refused(404, "Not Found: method not found");
    return method(world, params, files);
  }
  function sendFile(path: string, response: ServerResponse): void {
    const file = [...world.files.values()].find((one) => one.path === path);
    if (!file) return void response.writeHead(404).end();
    response.end(file.bytes);
  }
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function body(
  request: IncomingMessage,
): Promise<{ params: Record<string, unknown>; files: Map<string, Upload> }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const files = new Map<string, Upload>();
  const bytes = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (bytes.length === 0) return { params: {}, files };
  if (!type.startsWith("multipart/")) return { params: JSON.parse(bytes.toString("utf8")), files };
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  const params: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (typeof value === "string") params[name] = parsed(value);
    else files.set(name, { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return { params, files };
}

/** In a form every field is text; what is JSON is read as such. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
