// A server of tools as an owner adds one: `touch` writes a line into the file that its argument names.
import { appendFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";

const Message = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string(),
  params: z.unknown().optional(),
});
const Start = z.object({ protocolVersion: z.string() });
const [, , file = ""] = process.argv;

const touch = { name: "touch", description: "Leaves a note", inputSchema: { type: "object", properties: {} } };

async function answer({ method, params }: z.infer<typeof Message>): Promise<object> {
  if (method === "initialize") {
    const { protocolVersion } = Start.parse(params);
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "canary", version: "1.0.0" } };
  }
  if (method === "tools/list") return { tools: [touch] };
  if (method !== "tools/call") return {};
  await appendFile(file, "touched\n");
  return { content: [{ type: "text", text: "The note is left." }] };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = Message.parse(JSON.parse(line));
  if (message.id === undefined) continue;
  const result = await answer(message);
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: message.id, result })}\n`);
}
