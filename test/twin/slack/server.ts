import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { z } from "zod";

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer<ArrayBuffer>;
}

/** An answer, or what happens instead of one. */
export type Response = { status: number; headers?: Record<string, string>; body: string | Uint8Array } | "cut" | "hang";

export interface Server {
  url: string;
  stop(): Promise<void>;
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** An HTTP server on a free port of this machine. */
export async function serve(answer: (request: Request) => Promise<Response>, upgrade: Upgrade): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const response = await answer(await requestOf(incoming));
      if (response === "cut") outgoing.socket?.destroy();
      else if (response !== "hang") send(outgoing, response);
    })().catch((error: unknown) => send(outgoing, { status: 500, body: `the twin is broken: ${String(error)}` }));
  });
  server.on("upgrade", upgrade);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://slack");
  const { method = "GET", headers } = incoming;
  return { method, path: pathname, query: searchParams, headers, body: Buffer.concat(chunks) };
}

function send(outgoing: ServerResponse, response: Exclude<Response, string>): void {
  outgoing.writeHead(response.status, { "content-type": "application/json; charset=utf-8", ...response.headers });
  outgoing.end(response.body);
}
