import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { mute } from "../../src/lib/mute.ts";
import { output } from "../../src/lib/output.ts";
import { createBubblewrap, hasBubblewrap } from "../../src/sandbox/bubblewrap.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { startModel } from "../twin/model/index.ts";

const { PATH = "" } = process.env;
const spawn = createHostSpawn();

beforeAll(async () => {
  if (!(await hasBubblewrap(spawn, { PATH })))
    throw new Error("bubblewrap is missing, or may not do its work here: apt-get install bubblewrap");
});

test("inside the walls only home and tmp can be written, and oca's data cannot be seen", async () => {
  const top = await mkdtemp(join(tmpdir(), "oca-walls-"));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  const [data, home, cwd] = [join(top, "data"), join(top, "data/homes/demo"), join(top, "data/worktrees/w")];
  await mkdir(home, { recursive: true });
  await mkdir(cwd, { recursive: true });
  await writeFile(join(data, "roles.json"), "secret");
  await writeFile(join(cwd, "a.txt"), "here");
  const walls = createBubblewrap(spawn, { show: [cwd], writable: [home], hidden: [data] });
  const script = `cat a.txt; echo x > b.txt; echo x > ${home}/kept; cat ${data}/roles.json; echo x > ${top}/out; ls /proc/1/root/ >/dev/null && cat /proc/1/cmdline | head -c 5`;
  const { out } = await output(
    walls({ command: "sh", args: ["-c", script], cwd, env: { PATH }, signal: new AbortController().signal }),
  );
  expect(out).toMatch(/^here/);
  expect(out).not.toContain("secret");
  expect(await readdir(cwd)).toEqual(["a.txt"]);
  expect(await readdir(home)).toEqual(["kept"]);
  expect(await readdir(top)).toEqual(["data"]);
});

test("a plan turn in the user's own checkout can write neither a file of it nor below its .git", async () => {
  const top = await mkdtemp(join(tmpdir(), "oca-walls-"));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  const [data, home, cwd] = [join(top, "data"), join(top, "data/homes/demo"), join(top, "shop")];
  await mkdir(home, { recursive: true });
  await mkdir(join(cwd, ".git/hooks"), { recursive: true });
  const walls = createBubblewrap(spawn, { show: [cwd], writable: [home], hidden: [data] });
  const script = "echo x > a.txt; echo x > .git/hooks/pre-commit; mv .git gone; echo looked";
  const { out } = await output(
    walls({ command: "sh", args: ["-c", script], cwd, env: { PATH }, signal: new AbortController().signal }),
  );
  expect(out.trim()).toBe("looked");
  expect(await readdir(cwd)).toEqual([".git"]);
  expect(await readdir(join(cwd, ".git/hooks"))).toEqual([]);
});

test("an agent inside the walls reaches its model; a shell of its plan turn reaches nothing, and leaves the agent's folder alone", async () => {
  const home = await mkdtemp(join(tmpdir(), "oca-walls-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const model = await startModel({ scripts: {} });
  onTestFinished(model.stop);
  const walls = createBubblewrap(spawn, { show: [], writable: [home], hidden: [] });
  const run = (from: string, ...shell: string[]) => {
    const script = `fetch("${model.url}/canary/${from}").catch(() => process.exit(3))`;
    const [command = "", ...args] = [...shell, process.execPath, "-e", script];
    return output(walls({ command, args, cwd: "/", env: { PATH }, signal: new AbortController().signal }));
  };
  expect(await run("agent")).toMatchObject({ code: 0 });
  expect(await run("shell", ...mute(home))).toMatchObject({ code: 3 });
  expect(model.seen.map(({ path }) => path)).toEqual(["/canary/agent"]);
  const [command = "", ...args] = [...mute(home), "touch", join(home, "planted")];
  await output(walls({ command, args, cwd: "/", env: { PATH }, signal: new AbortController().signal }));
  expect(await readdir(home)).toEqual([]);
});
