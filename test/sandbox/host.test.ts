import { spawn as start } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Order } from "../../src/core/ports/spawn.ts";
import { output } from "../../src/lib/output.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";

const spawn = createHostSpawn({ killAfterMs: 200, pollMs: 5 });
/** Whatever a busy machine does, it does not come to SIGKILL. */
const patient = createHostSpawn({ killAfterMs: 60_000, pollMs: 5 });
const PATH = process.env["PATH"] ?? "";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "oca-host-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const order = (command: string, args: string[], more: Partial<Order> = {}): Order => ({
  command,
  args,
  cwd: folder,
  env: { PATH },
  signal: new AbortController().signal,
  ...more,
});
const sh = (script: string, more: Partial<Order> = {}) => spawn(order("sh", ["-c", script], more));

/** A process that did not merely die but was not collected yet counts as gone. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) [ZX] /.test(stat);
}
const gone = (pid: number) => expect.poll(() => lives(pid)).toBe(false);
async function firstLine(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

describe("a process", () => {
  test("reads what is written, and sees the end of its input", async () => {
    const child = spawn(order("cat", []));
    await child.write("hello ");
    await child.write("world");
    expect(await output(child)).toEqual({ code: 0, out: "hello world", err: "" });
  });

  test.each([0, 1, 126, 127, 129, 143, 255])("ends with code %i, unchanged", async (code) => {
    expect(await sh(`exit ${code}`).done).toEqual({ code, signal: null });
  });

  test("that was ended by a signal says which", async () => {
    expect(await sh("kill -s USR1 $$").done).toEqual({ code: null, signal: "SIGUSR1" });
  });

  test("gets the environment it was given and nothing else", async () => {
    process.env["OCA_TEST_SECRET"] = "hunter2";
    const { out } = await output(spawn(order("env", [], { env: { PATH, "odd.name": "1" } })));
    delete process.env["OCA_TEST_SECRET"];
    expect(out.trim().split("\n").sort()).toEqual([`PATH=${PATH}`, "odd.name=1"].sort());
  });

  test("starts in its folder, as the leader of a group of its own", async () => {
    const child = sh("pwd -P; ps -o pgid= -p $$");
    const { out } = await output(child);
    expect(out.split("\n").map((line) => line.trim())).toEqual([folder, String(child.pid), ""]);
  });
});

describe("the end", () => {
  test("an abort sends SIGTERM to the whole group", async () => {
    const stop = new AbortController();
    const child = patient(order("sh", ["-c", "sleep 600 & echo $!; wait"], { signal: stop.signal }));
    const sleeper = Number(await firstLine(child.stdout));
    stop.abort();
    expect(await child.done).toEqual({ code: null, signal: "SIGTERM" });
    expect(await lives(sleeper)).toBe(false);
  });

  test("a process that ignores SIGTERM is killed when its time is up", async () => {
    const stop = new AbortController();
    const child = sh("trap '' TERM; echo ready; while :; do sleep 1; done", { signal: stop.signal });
    await firstLine(child.stdout);
    const since = performance.now();
    stop.abort();
    expect(await child.done).toEqual({ code: null, signal: "SIGKILL" });
    expect(performance.now() - since).toBeGreaterThan(190);
  });

  test("an abort before the start ends it as well", async () => {
    const child = patient(order("sleep", ["600"], { signal: AbortSignal.abort() }));
    expect(await child.done).toEqual({ code: null, signal: "SIGTERM" });
  });

  test("`done` waits for what the leader left behind, and that is killed", async () => {
    const child = sh("trap '' TERM; (sleep 600) >/dev/null 2>&1 & echo $!");
    const left = Number(await firstLine(child.stdout));
    expect(await child.done).toEqual({ code: 0, signal: null });
    expect(await lives(left)).toBe(false);
  });

  test("a process that left the group cannot keep its reader waiting", async () => {
    const script =
      "setsid sh -c 'echo $$; touch left; exec sleep 60' & until [ -e left ]; do sleep 0.01; done; printf said";
    const child = sh(script);
    const { out } = await output(child);
    const [escaped, said] = out.split("\n");
    expect(said).toBe("said");
    expect(await lives(Number(escaped))).toBe(true);
    process.kill(Number(escaped), "SIGKILL");
  });

  test("what was said is kept for a reader who comes much later, all of it", async () => {
    const child = sh("head -c 120000 /dev/zero | tr '\\0' x");
    await child.done;
    await sh("sleep 1.2").done;
    expect((await output(child)).out).toHaveLength(120_000);
  });

  test("writing to a process that has ended fails in words, also when nobody waits for it", async () => {
    const child = sh("exec 0<&-; exit 3");
    void child.write("x".repeat(1_000_000));
    expect(await child.done).toEqual({ code: 3, signal: null });
    await expect(child.write("more")).rejects.toThrow("no longer takes input");
  });
});

describe("what cannot be started", () => {
  test.each([
    ["a command that is nowhere", () => order("no-such-thing", []), "cannot start no-such-thing: not found in PATH"],
    ["a path that is nothing", () => order("./nothing", []), "/nothing does not exist"],
    ["a missing folder", () => order("true", [], { cwd: join(folder, "gone") }), "does not exist or is closed"],
    ["an argument with a NUL byte", () => order("echo", ["a\0b"]), "cannot start echo"],
    ["arguments beyond every limit", () => order("echo", ["x".repeat(3_000_000)]), "cannot start echo"],
  ])("%s is said by `done`", async (_what, of, says) => {
    const child = spawn(of());
    child.closeInput();
    await expect(child.done).rejects.toThrow(says);
  });

  test("nobody has to listen", async () => {
    const seen: unknown[] = [];
    const note = (error: unknown) => seen.push(error);
    process.on("unhandledRejection", note);
    spawn(order("no-such-thing", []));
    await spawn(order("true", [])).done;
    process.off("unhandledRejection", note);
    expect(seen).toEqual([]);
  });
});

/** Ends the leash of the process that runs this, found by its parent and its name. */
const KILL_LEASH = `
  import { existsSync, readFileSync, readdirSync } from "node:fs";
  const killLeash = async () => {
    const isLeash = (pid) => {
      try {
        const parent = readFileSync("/proc/" + pid + "/stat", "utf8").split(") ")[1].split(" ")[1];
        return Number(parent) === process.pid && readFileSync("/proc/" + pid + "/cmdline", "utf8").includes("oca-leash");
      } catch { return false; }
    };
    const [leash] = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name) && isLeash(name));
    process.kill(Number(leash), "SIGKILL");
    while (existsSync("/proc/" + leash)) await new Promise(setImmediate);
    await new Promise(setImmediate);
  };
`;

describe("the leash", () => {
  const helper = (shell: string) => `
    import { createHostSpawn } from ${JSON.stringify(join(import.meta.dirname, "../../src/sandbox/host.ts"))};
    const spawn = createHostSpawn();
    const signal = new AbortController().signal;
    const run = (script) => spawn({ command: ${JSON.stringify(shell)}, args: ["-c", script], cwd: "/", env: { PATH: process.env.PATH }, signal });
    await run("exit 0").done;
    const child = run("trap '' TERM; (trap '' TERM; sleep 600) & echo $$ $!; wait; sleep 600");
    for await (const chunk of child.stdout) process.stdout.write(chunk);
  `;

  test("no process survives a bot that was killed with -9", async () => {
    const bot = start(process.execPath, ["--input-type=module", "-e", helper("sh")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids = (await firstLine(bot.stdout)).split(" ").map(Number);
    expect(pids).toHaveLength(2);
    expect(await Promise.all(pids.map(lives))).toEqual([true, true]);
    bot.kill("SIGKILL");
    await Promise.all(pids.map((pid) => gone(pid)));
  });

  test("nor a command that a program had put into a group of its own", async () => {
    const script = helper("sh").replace(
      "(trap '' TERM; sleep 600) &",
      "setsid sh -c 'trap : TERM; sleep 600; sleep 600' &",
    );
    const bot = start(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids = (await firstLine(bot.stdout)).split(" ").map(Number);
    expect(await Promise.all(pids.map(lives))).toEqual([true, true]);
    bot.kill("SIGKILL");
    await Promise.all(pids.map((pid) => gone(pid)));
  });

  test("the leash itself may be killed: the next start makes another, which knows what was there", async () => {
    const script = helper("sh")
      .replace("await run", `${KILL_LEASH}\nawait run`)
      .replace("for await", "await killLeash(); await run('exit 0').done;\nfor await");
    const bot = start(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids = (await firstLine(bot.stdout)).split(" ").map(Number);
    expect(await Promise.all(pids.map(lives))).toEqual([true, true]);
    bot.kill("SIGKILL");
    await Promise.all(pids.map((pid) => gone(pid)));
  });

  test("no process survives a bot that just exits", async () => {
    const script = `${helper("sh")}`.replace(
      "process.stdout.write(chunk)",
      "process.stdout.write(chunk, () => process.exit(1))",
    );
    const bot = start(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pids = (await firstLine(bot.stdout)).split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map((pid) => gone(pid)));
  });
});
