import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { Obj } from "../json.ts";
import type { Acked, Attempt } from "./link.ts";

const PING_MS = 5000;
const Answer = z.object({ envelope_id: z.string(), payload: Obj.optional() });

/** Deliveries by Socket Mode: each goes to one of the connections in turn. */
export interface Sockets {
  attempt: Attempt;
  /** A ticket for one connection, as `apps.connections.open` hands it out. */
  ticket(): string;
  /** Whether the ticket was good: a WebSocket request that is not one is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  count(): number;
  /** Resolves when as many connections are up. */
  connected(count: number): Promise<void>;
  /** Ends all connections without a word. */
  drop(): void;
  /** Announces that the connections will be closed. */
  refresh(): void;
  stop(): void;
}

export function createSockets({ appId, ackMs }: { appId: string; ackMs: () => number }): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const acks = new Map<string, (acked: Acked) => void>();
  const watchers = new Set<() => void>();
  let turn = 0;

  const welcome = (socket: WebSocket): void => {
    open.push(socket);
    const pings = setInterval(() => socket.ping(), PING_MS).unref();
    socket.on("close", () => {
      clearInterval(pings);
      open.splice(open.indexOf(socket), 1);
      for (const look of watchers) look();
    });
    socket.on("message", (data) => {
      const { envelope_id, payload = {} } = Answer.parse(JSON.parse(String(data)));
      acks.get(envelope_id)?.({ ok: true, payload });
    });
    const info = { approximate_connection_time: 3600, host: "applink-twin", build_number: 1 };
    say(socket, { type: "hello", num_connections: open.length, debug_info: info, connection_info: { app_id: appId } });
    for (const look of watchers) look();
  };
  const say = (socket: WebSocket, what: object): void => socket.send(JSON.stringify(what));

  return {
    count: () => open.length,
    connected: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (open.length !== count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    ticket: () => {
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    upgrade: (request, socket, head) => {
      const ticket = new URL(request.url ?? "", "http://slack").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) return void socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
      server.handleUpgrade(request, socket, head, welcome);
    },
    attempt: (delivery, retry) => {
      const socket = open[turn++ % open.length];
      if (!socket) return Promise.resolve({ ok: false, why: "connection_failed" });
      const envelope = randomUUID();
      return new Promise((resolve) => {
        const settle = (acked: Acked): void => {
          clearTimeout(timer);
          acks.delete(envelope);
          socket.off("close", cut);
          resolve(acked);
        };
        const cut = (): void => settle({ ok: false, why: "connection_failed" });
        const timer = setTimeout(() => settle({ ok: false, why: "timeout" }), ackMs());
        socket.once("close", cut);
        acks.set(envelope, settle);
        say(socket, {
          envelope_id: envelope,
          type: delivery.kind,
          accepts_response_payload: delivery.kind !== "events_api",
          payload: delivery.payload,
          ...(delivery.kind === "events_api" && { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason ?? "" }),
        });
      });
    },
    drop: () => {
      for (const socket of [...open]) socket.terminate();
    },
    refresh: () => {
      for (const socket of open) say(socket, { type: "disconnect", reason: "refresh_requested", debug_info: {} });
    },
    stop: () => {
      for (const socket of [...open]) socket.terminate();
      server.close();
    },
  };
}
