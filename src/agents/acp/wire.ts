import { type AnyMessage, type ClientConnection, client, type Stream } from "@agentclientprotocol/sdk";
import type { Child } from "../../core/ports/spawn.ts";
import { json, lines } from "../lines.ts";
import { Form, Message, Notification, Permission, type Update } from "../wire/acp.ts";

export interface Listener {
  /** Something came, whatever it is. */
  touch(): void;
  /** In the order of the wire, and before the answer that follows it. */
  update(update: Update): void;
  permit(request: Permission): Promise<unknown>;
  inquire(form: Form): Promise<unknown>;
}

/**
 * The protocol over the lines of a process. Requests and answers are the SDK's; updates are read here, because they must
 * come in order and an update of an unknown kind must not be an error.
 */
export function connect(child: Child, listener: Listener): ClientConnection {
  return client({ name: "oca" })
    .onRequest("session/request_permission", Permission, ({ params }) => listener.permit(params))
    .onRequest("elicitation/create", Form, ({ params }) => listener.inquire(params))
    .connect(streamOf(child, listener));
}

function streamOf(child: Child, listener: Listener): Stream {
  const open = new Set<unknown>();
  return {
    readable: ReadableStream.from(messages(child, listener, open)),
    writable: new WritableStream<AnyMessage>({
      write: (message) => {
        if ("method" in message && "id" in message) open.add(message.id);
        return child.write(`${JSON.stringify(message)}\n`);
      },
    }),
  };
}

async function* messages(child: Child, listener: Listener, open: Set<unknown>): AsyncGenerator<AnyMessage> {
  for await (const line of lines(child.stdout)) {
    const message = Message.safeParse(json(line)).data;
    if (!message) continue;
    listener.touch();
    if ("method" in message && message.method === "session/update") {
      const { data } = Notification.safeParse(message);
      if (data) listener.update(data.params.update);
    } else if ("method" in message || open.delete(message.id)) {
      // An answer that nobody waits for, or the second one, goes no further.
      yield message;
    }
  }
}
