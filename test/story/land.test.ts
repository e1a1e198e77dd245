import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Git } from "../../src/core/ports/git.ts";
import { createGit } from "../../src/git/git.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { Ana, Ben, Cleo, Eve, environment, play, type Stage, type Talk } from "./stage.ts";

async function reviewed(talk: Talk, request = "Let oca add a greeting to hello.txt"): Promise<void> {
  await talk.say(Cleo, request);
  await talk.rests("deciding");
  await talk.click(Ben, "Approve");
  await talk.rests("reviewing");
}

/** The bot's git, stopped at a step of a landing until it may go on. */
function heldGit(step: "before" | "aimed") {
  const reached = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const pause = async (at: typeof step): Promise<void> => {
    if (at !== step) return;
    reached.resolve();
    await free.promise;
  };
  const wrap = (git: Git): Git => ({
    ...git,
    land: async (place, order, aim) => {
      if (order.how !== "merge") return git.land(place, order, aim);
      await pause("before");
      return git.land(place, order, async (target) => {
        await aim(target);
        await pause("aimed");
      });
    },
  });
  const parts = { wrap: { git: wrap, store: <T>(same: T) => same, spawn: <T>(same: T) => same } };
  return { parts, reached: reached.promise, go: () => free.resolve() };
}

test("two sessions change the same line: the second merge moves nothing", async () => {
  const oca = await play();
  await reviewed(oca, "Let oca make a conflict");
  const other = oca.talk();
  await reviewed(other, "Let oca make a conflict, too");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const first = await oca.git("rev-parse", "main");

  await other.click(Ana, "Merge");
  const { phase } = await other.rests("reviewing");
  expect(phase).toMatchObject({ blocked: { why: "conflict", files: ["hello.txt"] } });
  const card = await other.sees("Not merged: conflicts in hello.txt.");
  expect(card).not.toContain("[ Merge ]");
  expect(await oca.git("rev-parse", "main")).toBe(first);
  expect(await oca.git("status", "--short")).toBe("");
});

test("oca resolves the conflicts on the word of somebody who may approve, and the result merges", async () => {
  const oca = await play();
  await reviewed(oca, "Let oca make a conflict");
  await oca.commit("hello.txt", "Somebody else was here.\n");
  await oca.click(Ana, "Merge");
  await oca.click(Ben, "Let oca resolve the conflicts");
  await oca.sees("I kept both sides of the conflict");
  const { warrant } = await oca.rests("reviewing");
  expect(warrant?.votes).toHaveLength(2);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const text = await oca.reads("hello.txt");
  expect(text).toMatch(/changed in [\s\S]*Somebody else was here\./);
  expect(text).not.toMatch(/<<<<<<<|=======|>>>>>>>/);
});

test("conflicts given to oca by somebody who may not approve: a plan comes first", async () => {
  const oca = await play();
  await reviewed(oca, "Let oca make a conflict");
  await oca.commit("hello.txt", "Somebody else was here.\n");
  await oca.oca.sweep.look();
  await oca.sees("[ Let oca resolve the conflicts ]");
  // Words count when they are later than the card.
  await oca.rests("reviewing");
  await oca.say(Cleo, "resolve the conflicts");
  await oca.rests("deciding");
  expect((await oca.session()).warrant).toBeNull();
});

test("the base moves while a review waits: the card says so before the click, and what conflicts is not offered", async () => {
  const oca = await play();
  await reviewed(oca, "Let oca make a conflict");
  const cards = oca.cards().length;
  await oca.commit("README.md", "Somebody was here.\n");
  await oca.oca.sweep.look();
  await oca.sees("main is 1 commit ahead. Merging takes it in.");
  expect(oca.cards()).toHaveLength(cards);
  await oca.commit("hello.txt", "Somebody else was here.\n");
  await oca.oca.sweep.look();
  const card = await oca.sees("Conflicts with main in hello.txt.");
  expect(card).not.toContain("[ Merge ]");
  await oca.git("revert", "--no-edit", "HEAD");
  await oca.oca.sweep.look();
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
});

test("two sessions on the same file know of each other", async () => {
  const oca = await play();
  await reviewed(oca, "Let oca make a conflict");
  const other = oca.talk();
  await reviewed(other, "Let oca make a conflict, too");
  await other.sees("“make a conflict” works on the same files: hello.txt.");
});

test("somebody else has merged the work: it is tidied up by the clean-up, which leaves alone what it does not know", async () => {
  const oca = await play();
  await reviewed(oca);
  await oca.say(Ana, "oca worktrees");
  await oca.told(Ana, "Kept: 1 commit is not in the base.");
  const { workspace } = await oca.session();
  await oca.git("merge", "--quiet", "--squash", workspace?.branch ?? "");
  await oca.git("commit", "--quiet", "--message", "By hand");
  await oca.oca.sweep.look();
  expect(await oca.sees("main already has all of this.")).not.toContain("[ Merge ]");
  await mkdir(join(oca.data, "worktrees", "sample", "unknown"));
  await oca.say(Ana, "oca worktrees");
  expect(await oca.told(Ana, "Safe to clean: the base has all of it.")).toContain(
    "worktrees/sample/unknown. It is left alone",
  );
  await oca.say(Ben, "/oca cleanup clean_safe");
  await oca.told(Ben, "owners can do this");
  await oca.say(Ana, "/oca cleanup clean_safe");
  await oca.told(Ana, "1 workspace is tidied up.");
  expect((await oca.rests("closed")).phase).toMatchObject({ outcome: "released" });
  expect(await readdir(join(oca.data, "worktrees", "sample"))).toEqual(["unknown"]);
});

test("two sessions that do not touch each other are merged one after the other without a further click", async () => {
  const oca = await play();
  await reviewed(oca);
  const other = oca.talk();
  await reviewed(other, "Let oca make a conflict");
  await Promise.all([oca.click(Ana, "Merge"), other.click(Eve, "Merge")]);
  await oca.rests("closed");
  await other.rests("closed");
  expect(await oca.reads("hello.txt")).toMatch(/^Hello, world! \(changed in [\s\S]*friendly/);
});

test("where the channel merges by itself, an approved plan ends on main", async () => {
  const oca = await play({ policy: { land: "merge" } });
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("closed");
  expect(await oca.sees("Merged into main")).toContain("the channel's policy");
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("where the channel merges by itself, oca resolves a conflict once by itself", async () => {
  const oca = await play({ policy: { land: "merge" } });
  await oca.say(Cleo, "Let oca make a conflict");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("Working:");
  const moved = await oca.commit("hello.txt", "Somebody else was here.\n");
  oca.release();
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toMatch(/Hello, world! \(changed in .*\n?[\s\S]*Somebody else was here\./);
  expect(await oca.git("merge-base", "main", moved)).toBe(moved);
});

test("where merging is done by hand, the card says where the work is", async () => {
  const oca = await play({ policy: { land: "manual" } });
  await reviewed(oca);
  const { workspace } = await oca.session();
  const card = await oca.sees(`The work is on ${workspace?.branch}`);
  expect(card).not.toContain("[ Merge ]");
  await oca.say(Ana, "merge");
  await oca.told(Ana, "Nothing here waits for this.");
});

test("uncommitted edits in the user's checkout are never touched: the card names them", async () => {
  const oca = await play();
  await reviewed(oca);
  await writeFile(join(oca.repo, "hello.txt"), "I am typing here.\n");
  await oca.click(Ana, "Merge");
  await oca.rests("reviewing");
  await oca.sees("has uncommitted edits in hello.txt. Commit or stash them, then Merge again.");
  expect(await oca.reads("hello.txt")).toBe("I am typing here.\n");
  await oca.git("checkout", "--", "hello.txt");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("uncommitted edits elsewhere in the checkout are kept, and the merge goes through", async () => {
  const oca = await play();
  await reviewed(oca);
  await writeFile(join(oca.repo, "README.md"), "I am typing here.\n");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("README.md")).toBe("I am typing here.\n");
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("words that come while it merges open the next piece of work", async () => {
  const held = heldGit("aimed");
  const oca = await play({ parts: held.parts });
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await held.reached;
  await oca.say(Cleo, "And thank the readers.");
  await oca.sees("Cleo: And thank the readers.");
  held.go();
  const { landed, plans, workspace } = await oca.rests("deciding");
  expect(landed).toHaveLength(1);
  expect(workspace?.n).toBe(2);
  expect(plans.at(-1)?.markdown).toContain("And thank the readers.");
});

test("words of somebody who may approve go on writing after the merge", async () => {
  const held = heldGit("aimed");
  const oca = await play({ parts: held.parts });
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await held.reached;
  await oca.say(Ben, "And thank the readers.");
  held.go();
  const { landed, plans, warrant } = await oca.rests("reviewing");
  expect(landed).toHaveLength(1);
  expect(plans).toHaveLength(1);
  expect(warrant?.votes.at(-1)).toMatchObject({ by: { name: "Ben" }, via: "words" });
});

test("stop before the merge has an aim is obeyed: main stays, the decision is open again", async () => {
  const held = heldGit("before");
  const oca = await play({ parts: held.parts });
  const before = await oca.git("rev-parse", "main");
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await held.reached;
  await oca.say(Ana, "stop");
  held.go();
  await oca.rests("reviewing");
  expect(await oca.git("rev-parse", "main")).toBe(before);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
});

test("stop comes too late once the merge has an aim: it is said, and Undo follows", async () => {
  const held = heldGit("aimed");
  const oca = await play({ parts: held.parts });
  await reviewed(oca);
  await oca.click(Ana, "Merge");
  await held.reached;
  await oca.say(Ana, "stop");
  expect(await oca.told(Ana, "Too late")).toContain("Undo is offered afterwards.");
  held.go();
  await oca.rests("closed");
  await oca.sees("[ Undo ]");
});

test("the bot restarts in the middle of a merge: it lands once", async () => {
  const held = heldGit("aimed");
  const before = await play({ parts: held.parts });
  await reviewed(before);
  await before.click(Ana, "Merge");
  await held.reached;
  const commits = Number(await before.git("rev-list", "--count", "main"));
  const restarting = before.restart({ parts: {} });
  held.go();
  const oca = await restarting;
  await oca.rests("closed");
  expect(Number(await oca.git("rev-list", "--count", "main"))).toBe(commits + 1);
  expect(await oca.reads("hello.txt")).toContain("friendly");
});

test("a repository that another git has locked: nothing is moved, the card names the file, Merge works afterwards", async () => {
  const oca = await play({
    parts: {
      wrap: {
        store: (store) => store,
        spawn: (spawn) => spawn,
        // The same git, less patient.
        git: (real) => ({
          ...real,
          land: (place, order, aim) => {
            const { data: folder, config } = oca;
            const patience = { waitMs: 200, staleMs: 100 };
            const git = createGit({
              folder,
              repos: config.repos,
              env: environment(),
              spawn: createHostSpawn(),
              patience,
            });
            return git.land(place, order, aim);
          },
        }),
      },
    },
  });
  await reviewed(oca);
  const before = await oca.git("rev-parse", "main");
  const lock = join(oca.repo, ".git", "index.lock");
  await writeFile(lock, "");
  await oca.click(Ana, "Merge");
  await oca.rests("reviewing");
  expect(await oca.sees("Not merged:")).toContain("index.lock has been there for under a minute");
  expect(await oca.git("rev-parse", "main")).toBe(before);
  await import("node:fs/promises").then(({ rm }) => rm(lock));
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
});

test("Later puts the decision off and says until when; it comes back by itself", async () => {
  const oca = await play();
  await reviewed(oca);
  await oca.click(Ana, "Later");
  await oca.sees("Comes up again at");
  const { id, phase } = await oca.session();
  const cards = oca.cards().length;
  const at = phase.at === "reviewing" ? (phase.remindAt ?? 0) : 0;
  await oca.oca.engine.dispatch(id, { type: "due", id: "due:1", at, by: null });
  await oca.rests("reviewing");
  expect(oca.cards()).toHaveLength(cards + 1);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
});

test("somebody who may not merge is told who may", async () => {
  const oca: Stage = await play();
  await reviewed(oca);
  await oca.click(Ben, "Merge");
  await oca.told(Ben, "mergers and owners can do this");
  await oca.click(Ben, "Discard");
  await oca.told(Ben, "mergers and owners can do this");
  expect((await oca.session()).phase.at).toBe("reviewing");
});
