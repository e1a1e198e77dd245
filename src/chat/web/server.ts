import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Desk, WebOrder } from "./desk.ts";
import { headers, ownOrigin } from "./guard.ts";
import { openPage } from "./page.ts";
import { createRoutes } from "./routes.ts";

interface Server {
  /** Rejects when the port is taken. */
  listen(port: number): Promise<void>;
  close(): Promise<void>;
  url(): string;
}

const HOST = "127.0.0.1";

export async function createServer(desk: Desk, log: WebOrder["log"]): Promise<Server> {
  let port: number | null = null;
  const app = new Hono();
  app.use(headers);
  app.use(ownOrigin(() => port ?? 0));
  app.route("/api", createRoutes(desk));
  app.route("/", await openPage());
  app.notFound((c) => c.json({ error: "gone" }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.warn({ error, path: new URL(c.req.url).pathname }, "the web chat could not answer");
    return c.json({ error: "failed" }, 500);
  });
  const http = createHttp(getRequestListener(app.fetch));

  return {
    listen: async (wanted) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      http.once("error", reject);
      http.listen({ port: wanted, host: HOST }, resolve);
      await promise.catch((error: unknown) => {
        throw new Error(`the web chat cannot listen on ${HOST}:${wanted}: is another oca running there?`, {
          cause: error,
        });
      });
      port = portOf(http.address());
    },
    close: async () => {
      if (port === null) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      http.close(() => resolve());
      http.closeAllConnections();
      await promise;
    },
    url: () => {
      if (port === null) throw new Error("the web chat has no address before it is started");
      return `http://${HOST}:${port}`;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the web chat listens on no port");
  return address.port;
}
