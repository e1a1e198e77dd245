import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Git } from "../../src/core/ports/git.ts";
import { createHub, type Hub } from "../twin/github/index.ts";
import { Ben, Cleo, Eve, makeHome, type Play, play, type Stage } from "./stage.ts";

const PULLS = "/repos/acme/sample/pulls";

interface Scene {
  oca: Stage;
  hub: Hub;
  /** A minute and a half passes, and oca looks around. */
  later(): Promise<void>;
}

/** A bot on a repository that was cloned from a GitHub. */
async function scene(how: Play = {}): Promise<Scene> {
  const home = await makeHome();
  const hub = await createHub(home.repo);
  onTestFinished(() => hub.stop());
  let skipped = 0;
  const oca = await play({
    home,
    repo: { policy: { rule: "pr-allowed" } },
    ...how,
    parts: { now: () => Date.now() + skipped, ...how.parts },
    config: { github: { url: hub.url, token: hub.token }, ...how.config },
  });
  await oca.git("remote", "add", "origin", hub.remote());
  const later = async () => {
    skipped += 90_000;
    await oca.oca.sweep.look();
    await oca.oca.screen.idle();
  };
  return { oca, hub, later };
}

async function reviewed(oca: Stage): Promise<void> {
  await oca.say(Cleo, "Let oca add a greeting to hello.txt, fixes #1 for @ruth");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
}

async function opened(oca: Stage): Promise<void> {
  await reviewed(oca);
  await oca.click(Eve, "Open pull request");
  await oca.sees("Pull request #1 is open, as a draft.");
  await oca.rests("reviewing");
}

async function refuses(oca: Stage, words: string): Promise<void> {
  await oca.click(Eve, "Open pull request");
  await oca.sees(words);
  await oca.rests("reviewing");
}

const pull = async ({ hub }: Scene, number = 1) =>
  (await hub.api("GET", `${PULLS}/${number}`)).data as { title: string; body: string; draft: boolean; state: string };
const count = async ({ hub }: Scene) => ((await hub.api("GET", `${PULLS}?state=all`)).data as unknown[]).length;

test("a pull request from the thread and back: opened, edited there, synced, commented, addressed, merged there", async () => {
  const stage = await scene();
  const { oca, hub, later } = stage;
  await opened(oca);
  const first = await pull(stage);
  expect(first).toMatchObject({ draft: true, state: "open" });
  expect(first.title).toContain("add a greeting");
  expect(first.body).toMatch(/### Plan[\s\S]*### Commits[\s\S]*Asked for by Cleo\./);
  // Nobody is mentioned there, and no issue is closed, by words of the request.
  expect(first.body).not.toMatch(/@ruth|#1\b/);
  const { workspace } = await oca.session();
  const branch = workspace?.branch ?? "";
  expect(await hub.git("rev-parse", branch)).toBe(await oca.git("rev-parse", branch));
  expect(await oca.sees("View pull request #1")).toContain(`${hub.url}/acme/sample/pull/1`);
  expect(await oca.sees("Pull request #1 is open")).not.toMatch(/\[ Merge \]|\[ Open pull request \]/);

  await hub.api("PATCH", `${PULLS}/1`, { title: "A better title", body: `Read this first.\n\n${first.body}` }, "ruth");
  await oca.say(Ben, "make the greeting friendlier");
  await oca.sees("New commits are not in #1 yet");
  await oca.rests("reviewing");
  await oca.click(Eve, "Sync pull request");
  await oca.rests("reviewing");
  const synced = await pull(stage);
  expect(synced.title).toBe("A better title");
  expect(synced.body).toMatch(/^Read this first\.\n\n<!-- oca:begin/);
  expect(synced.body.match(/oca:begin/g)).toHaveLength(1);
  expect(await hub.git("rev-parse", branch)).toBe(await oca.git("rev-parse", branch));
  expect(await count(stage)).toBe(1);

  const said = { body: "Say goodbye, too. @everybody", path: "hello.txt", line: 1, side: "RIGHT" };
  await hub.api("POST", `${PULLS}/1/comments`, said, "ruth");
  await later();
  const card = await oca.sees("ruth says on hello.txt:1:");
  expect(card).toContain("Say goodbye, too.");
  expect(card).toContain("[ Let oca address this ]");
  const before = await oca.git("rev-parse", branch);
  await oca.click(Ben, "Let oca address this");
  await oca.sees("New commits are not in #1 yet");
  await oca.rests("reviewing");
  expect(await oca.git("rev-parse", branch)).not.toBe(before);
  expect((await oca.session()).warrant?.votes.at(-1)).toMatchObject({ by: { name: "Ben" }, via: "button" });
  await oca.click(Eve, "Sync pull request");
  await oca.rests("reviewing");
  await later();
  // What was addressed does not come again.
  expect((await oca.session()).pull).toMatchObject({ news: [] });

  await hub.merge(1);
  await later();
  await oca.rests("closed");
  await oca.sees("Pull request #1 was merged");
  expect(await oca.git("worktree", "list")).not.toContain(branch);
  expect(await oca.git("branch", "--list", branch)).toBe("");
  expect(await oca.git("for-each-ref", "refs/oca/kept")).not.toBe("");
});

test.each(["merge", "squash"] as const)(
  "merged there (%s) while a follow-up is written: what is new gets a branch and a pull request of its own",
  async (how) => {
    const stage = await scene();
    const { oca, hub, later } = stage;
    await opened(oca);
    const branch = (await oca.session()).workspace?.branch ?? "";
    oca.hold();
    await oca.say(Ben, "make the greeting friendlier");
    await oca.rests("running");
    await hub.merge(1, how);
    await later();
    expect((await oca.session()).phase.at).toBe("running");
    oca.release();

    const card = await oca.sees("Pull request #1 was merged. What is here came after it.");
    expect(card).toContain("1 commit, 1 file, +1 −0");
    expect(card).toContain("[ Open pull request ]");
    expect(card).not.toContain("[ Merge ]");
    expect(await oca.rests("reviewing")).toMatchObject({ workspace: { n: 2, branch: `${branch}-2` } });
    expect(await oca.git("rev-parse", `${branch}-2^`)).toBe(await hub.git("rev-parse", "main"));
    expect(await oca.git("branch", "--list", branch)).toBe("");

    await oca.click(Eve, "Open pull request");
    await oca.sees("Pull request #2 is open, as a draft.");
    await oca.rests("reviewing");
    await hub.merge(2, how);
    await later();
    await oca.rests("closed");
    await oca.sees("Pull request #2 was merged");
    expect(await count(stage)).toBe(2);
    expect((await hub.git("show", "main:hello.txt")).match(/friendl/g)).toHaveLength(2);
  },
);

test("merged there a moment ago: a sync pushes nothing to it, and what is new can have one of its own", async () => {
  const stage = await scene();
  const { oca, hub } = stage;
  await opened(oca);
  const branch = (await oca.session()).workspace?.branch ?? "";
  await oca.say(Ben, "make the greeting friendlier");
  await oca.sees("New commits are not in #1 yet");
  await oca.rests("reviewing");
  const before = await hub.git("rev-parse", branch);
  await hub.merge(1, "squash");
  await oca.click(Eve, "Sync pull request");
  await oca.sees("Pull request #1 was merged. What is here came after it.");
  await oca.rests("reviewing");
  expect(await hub.git("rev-parse", branch)).toBe(before);
  expect(await count(stage)).toBe(1);
});

test("commits of a teammate on the branch come along with the next turn, and with a sync", async () => {
  const stage = await scene();
  const { oca, hub } = stage;
  await opened(oca);
  const branch = (await oca.session()).workspace?.branch ?? "";
  const ruth = join(oca.data, "ruth");
  await oca.git("clone", "--quiet", "--branch", branch, hub.remote(), ruth);
  const pushes = async (file: string) => {
    await writeFile(join(ruth, file), `${file}\n`);
    await oca.git("-C", ruth, "add", file);
    const who = ["-c", "user.name=Ruth", "-c", "user.email=ruth@example.com"];
    await oca.git("-C", ruth, ...who, "commit", "--quiet", "--message", file);
    await oca.git("-C", ruth, "push", "--quiet", "origin", branch);
  };
  await pushes("one.txt");
  await oca.say(Ben, "make the greeting friendlier");
  expect(await oca.sees("1 commit by Ruth was taken in from there.")).toContain("New commits are not in #1 yet");
  await oca.rests("reviewing");
  // Now both sides have a commit that the other lacks.
  await pushes("two.txt");
  await oca.click(Eve, "Sync pull request");
  await oca.sees("2 commits by Ruth were taken in from there.");
  await oca.rests("reviewing");
  expect(await hub.git("rev-parse", branch)).toBe(await oca.git("rev-parse", branch));
  expect(await hub.git("ls-tree", "--name-only", branch)).toMatch(/one\.txt[\s\S]*two\.txt/);
  expect(await hub.git("show", `${branch}:hello.txt`)).toContain("friendlier");
});

test("a push that is refused is said with its way out, and nothing is forced", async () => {
  const stage = await scene();
  const { oca, hub } = stage;
  await reviewed(oca);
  const { workspace } = await oca.session();
  const branch = workspace?.branch ?? "";
  const refused = (words: string) => refuses(oca, words);

  await oca.git("remote", "set-url", "origin", hub.remote("acme/sample", "wrong"));
  await refused("Not pushed: the server does not take the git login of oca's machine");
  await oca.git("remote", "set-url", "origin", hub.remote());
  const hook = join(await hub.git("rev-parse", "--absolute-git-dir"), "hooks", "pre-receive");
  await writeFile(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await refused(`Not pushed: a rule of the server forbids ${branch}.`);
  await rm(hook);
  await hub.git("branch", "-m", "main", "trunk");
  await refused("No pull request: the server has no branch main any more.");
  await hub.git("branch", "-m", "trunk", "main");
  await hub.git("branch", branch, await hub.git("commit-tree", "-m", "mine", "main^{tree}"));
  await refused("somebody has put other commits on");
  await hub.git("branch", "-D", branch);
  expect(await count(stage)).toBe(0);
});

test("a pull request that is refused is said with its way out, and the next click goes on from there", async () => {
  const stage = await scene();
  const { oca, hub } = stage;
  await reviewed(oca);
  const refused = (words: string) => refuses(oca, words);
  const answers = (status: number, headers: Record<string, string> = {}) => {
    hub.fault.answer = (_, kind) => (kind === "api" ? { status, headers, body: { message: "no" } } : null);
  };

  answers(401);
  await refused("the token is missing or wrong");
  answers(403);
  await refused("the token may not write pull requests there");
  const reset = `${Math.ceil(Date.now() / 1000) + 3600}`;
  answers(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset });
  await refused("GitHub takes no more questions until");
  answers(500);
  await refused("No pull request: the server refused.");
  hub.fault.answer = null;
  await oca.click(Eve, "Open pull request");
  await oca.sees("Pull request #1 is open, as a draft.");
  expect(await count(stage)).toBe(1);
});

test("private commits of the local base are not shown to the world by a pull request", async () => {
  const { oca, hub } = await scene();
  await oca.commit("secret.txt", "not yet public\n");
  await reviewed(oca);
  await oca.click(Eve, "Open pull request");
  await oca.sees("Nothing was pushed: main has 1 commit here that its server lacks");
  expect(await hub.git("branch", "--list", "oca/*")).toBe("");
  await oca.git("push", "--quiet", "origin", "main");
  await oca.click(Eve, "Open pull request");
  await oca.sees("Pull request #1 is open, as a draft.");
});

test("killed between the push and the opening, and an answer that was lost: never two", async () => {
  const pushed = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const git = (real: Git): Git => ({
    ...real,
    land: async (place, order, aim) => {
      const landed = await real.land(place, order, aim);
      if (order.how !== "pr") return landed;
      pushed.resolve();
      await free.promise;
      return landed;
    },
  });
  const same = <T>(it: T): T => it;
  const stage = await scene({ parts: { wrap: { git, store: same, spawn: same } } });
  const { oca, hub } = stage;
  await reviewed(oca);
  await oca.click(Eve, "Open pull request");
  await pushed.promise;
  // Made there, and nobody here ever heard of it.
  const { id, workspace } = await oca.session();
  hub.fault.answer = (request) => (request === `POST /api/v3${PULLS}` ? lose() : null);
  const lose = async () => {
    hub.fault.answer = null;
    const made = { title: "x", head: workspace?.branch, base: "main", body: "" };
    await hub.api("POST", PULLS, made);
    return { status: 502, body: { message: "Bad gateway" } };
  };
  const again = oca.restart({ parts: {} });
  free.resolve();
  const next = await again;
  await next.rests("reviewing");
  expect(await next.oca.store.get(id)).toMatchObject({ pull: { number: 1, state: "open" } });
  expect(await count(stage)).toBe(1);
});

test("closed there by hand: the thread asks, opens it again, or merges here", async () => {
  const stage = await scene();
  const { oca, hub, later } = stage;
  await opened(oca);
  await hub.api("PATCH", `${PULLS}/1`, { state: "closed" });
  await hub.git("branch", "-D", (await oca.session()).workspace?.branch ?? "");
  await later();
  expect(await oca.sees("was closed without a merge")).toMatch(/\[ Merge \][\s\S]*\[ Reopen pull request \]/);
  await oca.click(Eve, "Reopen pull request");
  await oca.rests("reviewing");
  expect(await pull(stage)).toMatchObject({ state: "open" });
  expect(await count(stage)).toBe(1);

  const asked = hub.asked.length;
  hub.fault.answer = (_, kind) =>
    kind === "api" ? { status: 429, headers: { "retry-after": "3600" }, body: {} } : null;
  await later();
  await later();
  expect(hub.asked.length).toBe(asked + 1);
});

test("a server that oca knows by its address only: the branch is pushed, and the card leads to its page", async () => {
  const { oca, hub } = await scene({ config: { github: { url: null, token: null } } });
  await reviewed(oca);
  await oca.click(Eve, "Open pull request");
  const { workspace } = await oca.session();
  const card = await oca.sees(`${workspace?.branch} is pushed.`);
  expect(card).toContain(`${hub.url}/acme/sample`);
  expect(await hub.git("rev-parse", workspace?.branch ?? "")).toBe(await oca.git("rev-parse", workspace?.branch ?? ""));
});
