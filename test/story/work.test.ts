import { expect, test } from "vitest";
import { Ana, Ben, Cleo, Eve, play, type Stage } from "./stage.ts";

async function approved(oca: Stage, request: string): Promise<void> {
  await oca.say(Cleo, request);
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
}

test("stop ends the work and keeps it; Resume goes on with it", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca run long");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("[>] First stretch");
  await oca.say(Cleo, "stop");
  await oca.rests("paused");
  expect(await oca.sees("Stopped by Cleo")).toContain("[ Resume ] [ Discard ]");
  expect(await oca.git("log", "--format=%s", "main")).not.toContain("stretch");
  oca.release();
  await oca.click(Cleo, "Resume");
  await oca.rests("reviewing");
  expect(await oca.sees("Done:")).toContain("I kept busy for a minute.");
});

test("stop says how many files are changed, and a second stop is told who was faster", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca ask a question, then add a line");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.sees("Whom shall I greet?");
  await oca.click(Cleo, "Stop");
  await oca.rests("paused");
  expect(await oca.sees("Stopped by Cleo")).toContain("No file was changed.");
  await oca.say(Ana, "stop");
  await oca.told(Ana, "Cleo decided this already");
});

test("stop is obeyed while it plans, and Discard then leaves nothing behind", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca run long");
  await oca.sees("Planning: run long");
  await oca.click(Cleo, "Stop");
  await oca.rests("paused");
  await oca.click(Cleo, "Discard");
  expect((await oca.rests("closed")).phase).toMatchObject({ outcome: "dismissed" });
  expect(await oca.git("branch", "--list", "oca/*")).toBe("");
});

test("a failure says what happened and what is safe; Retry tries again with what is there", async () => {
  const oca = await play();
  await approved(oca, "Let oca fail");
  await oca.rests("paused");
  const card = await oca.sees("Did not work: fail");
  expect(card).toContain("1 file changed, kept. Nothing was merged.");
  expect(card).toContain("The demo agent failed on purpose, because you asked for it.");
  await oca.click(Cleo, "Retry");
  await oca.rests("paused");
  expect((await oca.session()).plans).toHaveLength(1);
  expect(oca.cards().filter((one) => one.startsWith("Did not work"))).toHaveLength(2);
});

test("after a failure, words of somebody who may approve go on writing", async () => {
  const oca = await play();
  await approved(oca, "Let oca fail");
  await oca.rests("paused");
  await oca.say(Ben, "Never mind that, try it another way");
  await oca.rests("paused");
  expect((await oca.session()).warrant?.votes).toHaveLength(2);
});

test("after a failure, words of the requester are a plan first", async () => {
  const oca = await play();
  await approved(oca, "Let oca fail");
  await oca.rests("paused");
  await oca.say(Cleo, "Try it another way");
  const { warrant } = await oca.rests("deciding");
  expect(warrant).toBeNull();
});

test("a reply to the result by somebody who may approve is done at once", async () => {
  const oca = await play();
  await approved(oca, "Let oca add a greeting");
  await oca.rests("reviewing");
  await oca.say(Ben, "And wave at them.");
  const { warrant, plans } = await oca.rests("reviewing");
  expect(plans).toHaveLength(1);
  expect(warrant?.votes).toMatchObject([{ via: "button" }, { by: { name: "Ben" }, via: "words" }]);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("And wave at them.");
});

test("a reply to the result by the requester is planned first, on top of the work", async () => {
  const oca = await play();
  await approved(oca, "Let oca add a greeting");
  await oca.rests("reviewing");
  await oca.say(Cleo, "And wave at them.");
  const { plans, warrant } = await oca.rests("deciding");
  expect(plans).toHaveLength(2);
  expect(warrant).toBeNull();
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  expect(await oca.sees("Done:")).toContain("2 commits, 1 file, +2 −0");
});

test("what is said while it works waits, can be seen, and is done after this", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("Working:");
  await oca.say(Ben, "Then thank the readers.");
  expect(await oca.sees("1 message waits for its turn:")).toContain("Ben: Then thank the readers.");
  oca.release();
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toMatch(/friendly[\s\S]*Then thank the readers\./);
});

test("what the requester says while it writes becomes a plan, not work", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("Working:");
  await oca.say(Cleo, "Then delete everything.");
  oca.release();
  const { warrant, plans } = await oca.rests("deciding");
  expect(plans).toHaveLength(2);
  expect(warrant).toBeNull();
});

test("what is said while it plans revises the plan before anybody approves the old one", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.sees("Planning:");
  await oca.say(Cleo, "Make it a warm one.");
  oca.release();
  await oca.rests("deciding");
  const { plans } = await oca.session();
  expect(plans.at(-1)?.markdown).toContain("Make it a warm one.");
  expect(oca.cards().filter((card) => card.includes("[ Approve ]"))).toHaveLength(1);
});

test("a waiting message can be edited and taken back; one that the agent has cannot", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("Working:");
  await oca.say(Ben, "Then thank the raeders.");
  await oca.say(Ben, "And one more thing");
  const [typo, more] = oca.deliveries.slice(-2);
  if (typo?.type !== "message" || more?.type !== "message") throw new Error("two messages were said");
  const edit = { ...typo, type: "edited" as const };
  await oca.chat.deliver({ ...edit, id: "e1", text: "Then thank the readers." });
  await oca.sees("Ben: Then thank the readers.");
  await oca.chat.deliver({ ...edit, id: "e2", message: more.message, text: null });
  await oca.sees("1 message waits for its turn:");
  oca.release();
  await oca.rests("reviewing");
  expect(await oca.sees("Done:")).toContain("Then thank the readers.");

  oca.hold();
  await oca.say(Ben, "Last words");
  const last = oca.deliveries.at(-1);
  if (last?.type !== "message") throw new Error("a message was said");
  await oca.sees("Working:");
  await oca.chat.deliver({ ...last, type: "edited", id: "e3", text: "Very last words" });
  await oca.told(Ben, "The agent has these words already.");
  oca.release();
  await oca.rests("reviewing");
});

test("nobody else can edit my words", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.sees("Planning:");
  await oca.say(Cleo, "Make it warm.");
  const said = oca.deliveries.at(-1);
  if (said?.type !== "message") throw new Error("a message was said");
  await oca.chat.deliver({ ...said, type: "edited", id: "e1", by: Eve, text: "Make it cold." });
  expect((await oca.session()).queue).toMatchObject([{ text: "Make it warm." }]);
  oca.release();
  await oca.rests("deciding");
});

test("talk between people in the thread is not taken", async () => {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting");
  const { rev } = await oca.rests("deciding");
  await oca.say(Cleo, "@ben could you have a look?");
  await oca.say(Ben, "thanks!");
  expect((await oca.session()).rev).toBe(rev);
});

test("over the cap, work waits for a free place, shows its number, and starts by itself", async () => {
  const oca = await play({ config: { maxSessions: 1 } });
  oca.hold();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.sees("Planning:");
  const [second, third] = [oca.talk(), oca.talk()];
  await second.say(Cleo, "Let oca add a greeting, the second one");
  expect(await second.sees("Waiting for a free place")).toContain("Number 1 in the queue. It starts by itself.");
  await third.say(Cleo, "Let oca add a greeting, the third one");
  await third.sees("Number 2 in the queue.");
  await second.click(Cleo, "Stop");
  await second.rests("paused");
  await third.sees("Number 1 in the queue.");
  oca.release();
  await oca.rests("deciding");
  await third.rests("deciding");
});

test("when three messages stand below it, the progress card is folded and goes on further down", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca run long");
  await oca.sees("Planning:");
  await oca.say(Cleo, "One thing");
  await oca.say(Cleo, "Another thing");
  expect(oca.cards()).toHaveLength(1);
  await oca.say(Cleo, "A third thing");
  await oca.sees("goes on below");
  expect(oca.cards()).toHaveLength(2);
  expect(oca.cards()[0]).toBe("Planning: run long · goes on below");
  expect(oca.cards()[1]).toContain("[ Stop ]");
  oca.release();
  await oca.rests("deciding");
});
