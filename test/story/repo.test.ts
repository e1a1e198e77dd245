import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { Ana, Ben, Cleo, copySample, environment, makeHome, type Play, play, type Stage } from "./stage.ts";

const run = promisify(execFile);

/** A bot on a folder that is not yet a sample repository. */
async function bare(how: Play = {}): Promise<{ oca: Stage; git: (...args: string[]) => Promise<string> }> {
  const home = await makeHome({ sample: false });
  await mkdir(home.repo);
  const env = { ...environment(), HOME: home.repo, GIT_CONFIG_NOSYSTEM: "1" };
  const oca = await play({ home, config: { env }, ...how });
  const git = async (...args: string[]) => (await run("git", args, { cwd: home.repo, env })).stdout.trim();
  return { oca, git };
}

const WHO = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"];

/** The whole way, once the repository is as it should be. */
async function works(oca: Stage): Promise<void> {
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
}

test("a folder that is no repository: the card says which and where that is set; Retry works once it is one", async () => {
  const { oca, git } = await bare();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("paused");
  expect(await oca.sees("is not a git repository")).toMatch(
    /check repos\.sample\.root[\s\S]*\[ Retry \] \[ Discard \]/,
  );
  await git("init", "--quiet", "--initial-branch", "main");
  await git("config", "user.name", "Ana");
  await git("config", "user.email", "ana@example.com");
  await git("commit", "--quiet", "--allow-empty", "-m", "first");
  await oca.click(Cleo, "Retry");
  await works(oca);
});

test("an empty repository: a first commit is asked for", async () => {
  const { oca, git } = await bare();
  await git("init", "--quiet", "--initial-branch", "main");
  await git("config", "user.name", "Ana");
  await git("config", "user.email", "ana@example.com");
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("paused");
  await oca.sees("repository sample has no commit yet: make a first one in");
  await git("commit", "--quiet", "--allow-empty", "-m", "first");
  await oca.click(Cleo, "Retry");
  await works(oca);
});

test("git does not know who commits: the card gives the two commands", async () => {
  const { oca, git } = await bare();
  await git("init", "--quiet", "--initial-branch", "main");
  await git(...WHO, "commit", "--quiet", "--allow-empty", "-m", "first");
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("paused");
  const card = await oca.sees("git does not know who commits");
  expect(card).toMatch(/git config --global user\.name[\s\S]*git config --global user\.email/);
  await git("config", "--global", "user.name", "Ana");
  await git("config", "--global", "user.email", "ana@example.com");
  await oca.click(Cleo, "Retry");
  await works(oca);
});

test("a base branch that is not there: the card names those that are", async () => {
  const oca = await play({ repo: { base: "develop" } });
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("paused");
  await oca.sees('has no branch "develop": there is main');
  await oca.git("branch", "develop");
  await oca.click(Cleo, "Retry");
  await oca.rests("deciding");
});

test("words that come meanwhile are kept for the turn that starts later", async () => {
  const { oca, git } = await bare();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("paused");
  await oca.say(Cleo, "A warm one, please.");
  await oca.rests("paused");
  await git("init", "--quiet", "--initial-branch", "main");
  await git("config", "user.name", "Ana");
  await git("config", "user.email", "ana@example.com");
  await git("commit", "--quiet", "--allow-empty", "-m", "first");
  await oca.click(Cleo, "Retry");
  const { plans } = await oca.rests("deciding");
  expect(plans).toHaveLength(1);
  const [{ event } = { event: null }] = (await oca.oca.store.journal((await oca.session()).id)).filter(
    ({ event }) => event.type === "said",
  );
  expect(event).toMatchObject({ text: "A warm one, please." });
});

test("a detached HEAD is left as it is: the work starts from main and lands on main", async () => {
  const oca = await play();
  await oca.git("checkout", "--quiet", "--detach", "HEAD~1");
  const head = await oca.git("rev-parse", "HEAD");
  await oca.say(Cleo, "Let oca add a greeting");
  await works(oca);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.git("rev-parse", "HEAD")).toBe(head);
  expect(await oca.git("show", "main:hello.txt")).toContain("friendly");
  expect(await oca.git("status", "--short")).toBe("");
});

test("a bare repository works as well", async () => {
  const home = await makeHome({ sample: false });
  const source = join(home.repo, "..", "source");
  await copySample(source);
  await run("git", ["clone", "--quiet", "--bare", source, home.repo], { env: environment() });
  await run("git", ["remote", "remove", "origin"], { cwd: home.repo });
  await run("git", ["config", "user.name", "Ana"], { cwd: home.repo });
  await run("git", ["config", "user.email", "ana@example.com"], { cwd: home.repo });
  const oca = await play({ home });
  await oca.say(Cleo, "Let oca add a greeting");
  await works(oca);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.git("show", "main:hello.txt")).toContain("friendly");
});

test("a repository outside the roots is refused at the start, with the way out", async () => {
  const { repo, data } = await makeHome();
  const file = join(repo, "..", "oca.config.json");
  await mkdir(join(repo, "..", "work"));
  await writeFile(file, JSON.stringify({ data, roots: ["./work"], repos: { sample: { root: repo } } }));
  await expect(loadConfig({ cwd: join(repo, ".."), env: { ...environment(), OCA_CONFIG: file } })).rejects.toThrow(
    /repos\.sample\.root is .*, which is outside "roots": add its folder to "roots" or move it/,
  );
});

test("no words lead out of the configured repositories", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting in /etc");
  expect((await oca.rests("deciding")).workspace?.repo).toBe("sample");
  const other = oca.talk();
  await other.say(Cleo, "Let oca add a greeting in ../../somewhere");
  expect((await other.rests("deciding")).workspace?.repo).toBe("sample");
});
