import { type ChildProcessByStdio, spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { resolve } from "node:path";
import { PassThrough, Readable, type Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Child, Order, Spawn } from "../core/ports/spawn.ts";
import { groupLives, signalGroup } from "./group.ts";
import { createLeash, type Leash } from "./leash.ts";

export interface HostTimes {
  /** From SIGTERM to SIGKILL, in milliseconds. */
  killAfterMs: number;
  /** How often a killed group is looked at until it is gone, in milliseconds. */
  pollMs: number;
}

const SEAL_MS = 500;

/**
 * Starts processes on this machine with the rights of the bot's user, each as the leader of a group of its own. When the
 * leader ends, what is left of its group is killed; when oca itself dies, the leash kills every group within 3 s, with the
 * groups of their children. A process that leaves its group (`setsid`) and outlives its parent is out of reach: only a
 * container holds that.
 */
export function createHostSpawn(times: HostTimes = { killAfterMs: 5000, pollMs: 20 }): Spawn {
  const leash = createLeash();
  return (order) => {
    leash.start();
    const child = begin(order);
    if (child instanceof Error) return stillborn(order, child);
    const { pid } = child;
    if (pid !== undefined) leash.hold(pid);
    const done = finish({ child, order, times, leash });
    // Whoever waits for `done` still gets the error; whoever does not is no reason to end the bot.
    done.catch(() => undefined);
    return {
      pid: pid ?? 0,
      stdout: kept(child.stdout, done),
      stderr: kept(child.stderr, done),
      write: (text) => write(child.stdin, text),
      closeInput: () => void child.stdin.end(),
      interrupt: () => pid !== undefined && signalGroup(pid, "SIGINT"),
      done,
    };
  };
}

type Process = ChildProcessByStdio<Writable, Readable, Readable>;

/** Node throws for an order that no system call gets to see: arguments too long, a NUL byte. */
function begin({ command, args, cwd, env }: Order): Process | Error {
  try {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    // A process that ended while we wrote (EPIPE) tells so by `done` and by the promise of `write`.
    for (const part of [child, child.stdin, child.stdout, child.stderr]) part.on("error", () => undefined);
    return child;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function stillborn({ command }: Order, cause: Error): Child {
  const done = Promise.reject(new Error(`cannot start ${command}: ${cause.message}`, { cause }));
  done.catch(() => undefined); // as below: nobody must wait for it
  const nothing = Readable.from([]);
  const noop = (): void => undefined;
  return { pid: 0, stdout: nothing, stderr: nothing, write: () => done, closeInput: noop, interrupt: noop, done };
}

async function finish(at: { child: Process; order: Order; times: HostTimes; leash: Leash }): ReturnType<typeof ended> {
  const { child, order, times, leash } = at;
  const { pid } = child;
  if (pid === undefined) throw await reason(order, await failure(child));
  const ladder = climb(pid, order.signal, times.killAfterMs);
  const end = await ended(child);
  ladder.stop();
  signalGroup(pid, "SIGKILL");
  while (await groupLives(pid)) await wait(times.pollMs);
  leash.release(pid);
  return end;
}

/**
 * Keeps what is said for a reader who comes late: Node throws it away when the process ends. And a process that left its
 * group may hold the pipe open for ever: when the group is gone and nothing more comes, nothing more is waited for.
 */
function kept(stream: Readable, done: Promise<unknown>): Readable {
  const all = stream.pipe(new PassThrough());
  let quiet = false;
  stream.on("data", () => {
    quiet = false;
  });
  const seal = async (): Promise<void> => {
    while (!stream.closed && (!quiet || all.writableNeedDrain)) {
      quiet = true;
      await wait(SEAL_MS, undefined, { ref: false });
    }
    stream.unpipe(all).destroy();
    all.end();
  };
  done.then(seal, seal).catch(() => undefined); // neither can fail
  return all;
}

/** SIGTERM when the signal aborts, SIGKILL if that did not help in time. */
function climb(pid: number, signal: AbortSignal, killAfterMs: number): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    signalGroup(pid, "SIGTERM");
    timer = setTimeout(() => signalGroup(pid, "SIGKILL"), killAfterMs);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return {
    stop: () => {
      signal.removeEventListener("abort", abort);
      clearTimeout(timer);
    },
  };
}

const ended = (child: Process): Promise<{ code: number | null; signal: string | null }> =>
  new Promise((settle) => child.once("exit", (code, signal) => settle({ code, signal })));

const failure = (child: Process): Promise<NodeJS.ErrnoException> =>
  new Promise((settle) => child.once("error", settle));

/** Node says ENOENT for a missing command and for a missing folder alike: tell which. */
async function reason({ command, cwd, env }: Order, error: NodeJS.ErrnoException): Promise<Error> {
  const says = (text: string): Error => new Error(`cannot start ${command}: ${text}`, { cause: error });
  if (!(await reachable(cwd))) return says(`its folder ${cwd} does not exist or is closed to this user`);
  if (error.code !== "ENOENT") return says(error.message);
  if (command.includes("/")) return says(`${resolve(cwd, command)} does not exist`);
  return says(`not found in PATH (${env["PATH"] || "which is not set"}); install it or correct PATH`);
}

const reachable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function write(stdin: Writable, text: string): Promise<void> {
  const written = new Promise<void>((settle, fail) => {
    stdin.write(text, (error) =>
      error ? fail(new Error("the process no longer takes input: it has ended", { cause: error })) : settle(),
    );
  });
  written.catch(() => undefined); // as with `done`: the writer may wait for it, nobody must
  return written;
}
