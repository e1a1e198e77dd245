import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const PATIENCE_MS = 45_000;
/** What Node made of the sources is kept for the next start. */
const CACHE = join(import.meta.dirname, "../node_modules/.cache/compile");

/** What somebody sees who typed `oca ...`. */
export interface Terminal {
  pid: number;
  out(): string;
  err(): string;
  /** Waits until standard output matches; fails when the process ends before. */
  sees(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to the exit code; null when a signal ended it. */
  ends(): Promise<number | null>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Types `oca ...args` in a terminal of its own; it is closed with the test. */
export function type(args: readonly string[], { cwd, env }: { cwd: string; env?: Record<string, string> }): Terminal {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, "../src/cli.ts"), ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE: CACHE, HOME: cwd, TMPDIR: cwd, LC_ALL: "en_US.UTF-8", OCA_LOG: "silent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  const waiting = new Set<() => void>();
  const news = (): void => {
    for (const look of waiting) look();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    news();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  let over = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      over = true;
      news();
      resolve(code);
    });
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });

  return {
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    ends: () => ended,
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
    sees: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(null), PATIENCE_MS);
        const settle = (found: RegExpExecArray | null): void => {
          clearTimeout(timer);
          waiting.delete(look);
          if (found) resolve(found);
          else reject(new Error(`never saw ${pattern} but:\n${out}\n${err}`));
        };
        const look = (): void => {
          const found = pattern.exec(out);
          if (found || over) settle(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** A folder that goes with the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "oca-terminal-"));
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
