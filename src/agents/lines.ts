/** A line longer than this is dropped: no message of a protocol is that long, and memory is finite. */
const LINE_BYTES = 32 * 1024 * 1024;

/** Lines of a byte stream, cut at newlines only: a character that arrives in two pieces stays whole. */
export async function* lines(stream: AsyncIterable<Uint8Array>, maxBytes = LINE_BYTES): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      size += at - from;
      if (size <= maxBytes) yield text(parts);
      parts = [];
      size = 0;
      from = at + 1;
    }
    size += chunk.length - from;
    // A line that is too long already is not collected any further.
    if (size <= maxBytes) parts.push(chunk.subarray(from));
  }
  if (size > 0 && size <= maxBytes) yield text(parts);
}

const text = (parts: Uint8Array[]): string => Buffer.concat(parts).toString("utf8").replace(/\r$/, "");

/** JSON of a line; undefined for what is none: agents print warnings among their messages. */
export function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // not ours to judge: the reader skips it
  }
}
