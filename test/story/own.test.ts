import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createScripted } from "../../src/agents/scripted.ts";
import type { Agent } from "../../src/core/ports/agent.ts";
import { Ana, Ben, Cleo, Eve, environment, play, type Stage, type Talk } from "./stage.ts";

const OFF = { repo: { policy: { isolation: "off" as const } } };
const REQUEST = "Let oca ask a question";

/** What no turn and no click may change. */
async function standing(oca: Stage) {
  return {
    head: await oca.git("rev-parse", "HEAD"),
    refs: await oca.git("for-each-ref"),
    index: await readFile(join(oca.repo, ".git", "index"), "base64"),
    readme: await oca.reads("README.md"),
    notes: await oca.reads("notes.txt"),
  };
}

/** The user is in the middle of something. */
async function busy(oca: Stage): Promise<void> {
  await writeFile(join(oca.repo, "README.md"), "# Half a sent");
  await writeFile(join(oca.repo, "notes.txt"), "mine\n");
}

async function reviewed(oca: Stage): Promise<void> {
  await oca.say(Cleo, REQUEST);
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.sees("Whom shall I greet?");
  await oca.click(Cleo, "Everybody");
  await oca.rests("reviewing");
}

test("work in the user's own checkout: all of it is there to look at, and nothing else was touched", async () => {
  const oca = await play(OFF);
  await busy(oca);
  const before = await standing(oca);
  await reviewed(oca);
  expect(await oca.workspace()).toBe(oca.repo);
  expect(await standing(oca)).toEqual(before);
  expect(await oca.reads("hello.txt")).toContain("Greetings to: Everybody");
  for (const card of oca.cards()) expect(card).toContain(`Works directly in the checkout ${oca.repo} on oca's machine`);

  const card = await oca.sees("Done: ask a question");
  expect(card).toContain("0 commits, 1 file, +1 −0\n  hello.txt +1 -0");
  expect(card).toContain("oca has committed nothing");
  expect(card).toMatch(/\n\[ Later \]\s*$/);
  const diff = await oca.oca.desks.diff((await oca.session()).id);
  expect(diff?.text).toContain("+Greetings to: Everybody");
  expect(diff?.text).not.toContain("README");
  await oca.say(Eve, "merge");
  await oca.told(Eve, "Nothing here waits for this.");
  await oca.say(Ana, "oca worktrees");
  await oca.told(Ana, "There are none.");

  await oca.git("commit", "--quiet", "--message", "Greet everybody", "--", "hello.txt");
  await oca.oca.sweep.look();
  expect((await oca.rests("closed")).phase).toMatchObject({ outcome: "released" });
  expect(await oca.reads("README.md")).toBe(before.readme);
  expect(await oca.reads("notes.txt")).toBe(before.notes);
});

test("what is thrown away there is gone, and a reply begins again in the same place", async () => {
  const oca = await play(OFF);
  await reviewed(oca);
  await oca.git("restore", "hello.txt");
  await oca.oca.sweep.look();
  expect((await oca.rests("closed")).phase).toMatchObject({ outcome: "no_change" });
  await oca.say(Cleo, REQUEST);
  const { workspace } = await oca.rests("deciding");
  expect(workspace).toMatchObject({ kind: "repo", n: 2 });
  expect(await oca.workspace()).toBe(oca.repo);
});

test("a rejected plan leaves everything as it is", async () => {
  const oca = await play(OFF);
  await busy(oca);
  const before = await standing(oca);
  await oca.say(Cleo, REQUEST);
  await oca.rests("deciding");
  await oca.click(Cleo, "Reject");
  expect((await oca.rests("closed")).phase).toMatchObject({ outcome: "rejected" });
  expect(await standing(oca)).toEqual(before);
});

test("two pieces of work in one checkout wait for each other, and the second says so", async () => {
  const { oca, second } = await atWork();
  expect(await second.sees("“run long” is at work in this checkout. Number 1")).toContain("Waiting for the checkout:");
  expect((await second.session()).phase.at).toBe("preparing");
  // A worktree is nobody else's.
  const apart = oca.talk();
  await apart.say(Ana, `${REQUEST} --off`);
  await apart.sees("“run long” is at work in this checkout. Number 2");
  await apart.click(Ana, "Stop");
  await apart.rests("paused");
  expect((await second.session()).phase.at).toBe("preparing");
  oca.release();
  await oca.rests("reviewing");
  await second.rests("deciding");
});

test("after a restart the work that was going on keeps the checkout, also when others have spoken since", async () => {
  const { oca, second } = await atWork();
  await second.sees("Number 1 in the queue");
  await second.say(Cleo, "and soon, please");
  const again = await oca.restart({ held: true });
  const later = again.talk(second.thread());
  await later.sees("Number 1 in the queue");
  expect((await later.session()).phase.at).toBe("preparing");
  again.release();
  await again.rests("reviewing");
  await later.rests("deciding");
});

test("a plan turn that writes fails, names what changed, and takes nothing back", async () => {
  const rude: Agent = {
    ...createScripted({ spawn: () => Promise.reject() as never, env: environment() }),
    run: (_, { cwd }) => ({
      answer: () => undefined,
      async *[Symbol.asyncIterator]() {
        await writeFile(join(cwd, "hello.txt"), "rude\n");
        yield { type: "ended", outcome: { ok: true, answer: "", plan: "## Goal\nBe rude.\n" } };
      },
    }),
  };
  const oca = await play({ ...OFF, parts: { agents: () => new Map([["demo", rude]]) } });
  await oca.say(Cleo, REQUEST);
  await oca.rests("paused");
  const card = await oca.sees("Did not work");
  expect(card).toContain("This changed in the checkout during a plan turn");
  expect(card).toContain("hello.txt");
  expect(card).toMatch(/\n\[ Retry \]\s*$/);
  expect(await oca.reads("hello.txt")).toBe("rude\n");
});

test("an owner may ask for it in a request; nobody else", async () => {
  const oca = await play();
  await oca.say(Cleo, `${REQUEST} --off`);
  await oca.told(Cleo, "owner");
  const mine = oca.talk();
  await mine.say(Ana, `${REQUEST} --off`);
  await mine.rests("deciding");
  expect(await mine.workspace()).toBe(oca.repo);
});

/** One is at work in the checkout, and another wants to. */
async function atWork(): Promise<{ oca: Stage; second: Talk }> {
  const oca = await play(OFF);
  await oca.say(Cleo, "Let oca run long");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("[>] First stretch");
  const second = oca.talk();
  await second.say(Cleo, REQUEST);
  return { oca, second };
}
