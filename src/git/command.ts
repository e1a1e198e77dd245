import type { Spawn } from "../core/ports/spawn.ts";

const LOG_BYTES = 64 * 1024;

/** A command line for the shell. */
interface Attempt {
  command: string;
  timeoutMs: number;
  cwd: string;
  env: Record<string, string>;
  spawn: Spawn;
  signal: AbortSignal;
}

interface Attempted {
  ok: boolean;
  log: string;
}

/** Runs a command of the owner; gives the end of what it said. */
export async function attempt({ command, timeoutMs, cwd, env, spawn, signal }: Attempt): Promise<Attempted> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const child = spawn({ command: "sh", args: ["-c", command], cwd, env, signal: AbortSignal.any([signal, timeout]) });
  child.closeInput();
  const log = createTail(LOG_BYTES);
  const [{ code, signal: killed }] = await Promise.all([
    child.done,
    drain(child.stdout, log.add),
    drain(child.stderr, log.add),
  ]);
  signal.throwIfAborted();
  if (code === 0) return { ok: true, log: log.text().trim() };
  const end = timeout.aborted ? `stopped after ${timeoutMs / 1000} s` : `ended with ${code ?? killed}`;
  return { ok: false, log: `${log.text()}\n[${end}]`.trim() };
}

async function drain(stream: AsyncIterable<Uint8Array>, add: (chunk: Uint8Array) => void): Promise<void> {
  for await (const chunk of stream) add(chunk);
}

function createTail(max: number): { add(chunk: Uint8Array): void; text(): string } {
  let kept: Uint8Array = new Uint8Array();
  return {
    add: (chunk) => {
      kept = Buffer.concat([kept, chunk]).subarray(-max);
    },
    // The cut may have gone through a character.
    text: () =>
      Buffer.from(kept)
        .toString("utf8")
        .replace(/^\uFFFD+/, ""),
  };
}

/** What a build needs to know of the machine. No tokens, no keys. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|(https?|no)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;

/** The environment of commands that the owner configured. */
export function environment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = { CI: "1" };
  for (const [name, value] of Object.entries(env)) if (value !== undefined && INHERITED.test(name)) kept[name] = value;
  return kept;
}
