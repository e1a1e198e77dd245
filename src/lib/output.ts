/** What a finished process said, whole: only for short commands. Standard input is closed at once. */
export async function output(child: {
  stdout: AsyncIterable<Uint8Array>;
  stderr: AsyncIterable<Uint8Array>;
  closeInput(): void;
  done: Promise<{ code: number | null }>;
}): Promise<{ code: number | null; out: string; err: string }> {
  child.closeInput();
  const [{ code }, out, err] = await Promise.all([child.done, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
