import { z } from "zod";
import type { Child } from "../core/ports/spawn.ts";
import { json, lines } from "./lines.ts";

const Id = z.union([z.string(), z.number()]);
const Message = z.object({
  id: Id.optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number().catch(0), message: z.string().catch("") }).optional(),
});

export interface Rpc {
  /** Rejects with the peer's error, or when the process ends first. */
  call(method: string, params?: unknown): Promise<unknown>;
  notify(method: string, params?: unknown): void;
  /** Resolves when the peer's output has ended. */
  readonly over: Promise<void>;
}

export interface RpcOptions {
  child: Child;
  /** Resolves to the answer; a rejection becomes an error answer. */
  onRequest(method: string, params: unknown, id: string | number): Promise<unknown>;
  onNotify(method: string, params: unknown): void;
  /** Codex leaves the "jsonrpc" field out. */
  version: boolean;
}

/** JSON-RPC over the lines of a process. */
export function createRpc({ child, onRequest, onNotify, version }: RpcOptions): Rpc {
  const waiting = new Map<string | number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;
  const send = (message: object): void => {
    // A process that is gone is noticed by the end of its output.
    child.write(`${JSON.stringify(version ? { jsonrpc: "2.0", ...message } : message)}\n`).catch(() => undefined);
  };

  async function answer(method: string, params: unknown, id: string | number): Promise<void> {
    try {
      send({ id, result: (await onRequest(method, params, id)) ?? null });
    } catch (error) {
      send({ id, error: { code: -32_000, message: error instanceof Error ? error.message : String(error) } });
    }
  }

  async function read(): Promise<void> {
    for await (const line of lines(child.stdout)) {
      const message = Message.safeParse(json(line)).data;
      if (message) take(message);
    }
    for (const { reject } of waiting.values()) reject(new Error("the agent's process ended"));
  }

  function take({ id, method, params, result, error }: z.infer<typeof Message>): void {
    if (method !== undefined && id !== undefined) void answer(method, params, id);
    else if (method !== undefined) onNotify(method, params);
    else if (id !== undefined) settle(id, result, error);
  }

  function settle(id: string | number, result: unknown, error: { code: number; message: string } | undefined): void {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new RpcError(error.message, error.code));
    else call?.resolve(result);
  }

  return {
    call: (method, params) =>
      new Promise((resolve, reject) => {
        const id = ++count;
        waiting.set(id, { resolve, reject });
        send({ id, method, ...(params === undefined ? {} : { params }) });
      }),
    notify: (method, params) => send({ method, ...(params === undefined ? {} : { params }) }),
    over: read(),
  };
}

export class RpcError extends Error {
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}
