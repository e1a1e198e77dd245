import { lines } from "./lines.ts";

/** The data of each server-sent event: what its `data` lines say, joined by newlines. Comments and other fields are left out. */
export async function* events(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let data: string[] = [];
  for await (const line of lines(stream)) {
    if (line === "") {
      if (data.length > 0) yield data.join("\n");
      data = [];
    } else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
}
