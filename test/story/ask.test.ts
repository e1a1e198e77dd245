import { join } from "node:path";
import { expect, test } from "vitest";
import { Ana, Ben, Cleo, copySample, play, type Stage } from "./stage.ts";

/** Up to the moment when the agent asks in the middle of its work. */
async function working(oca: Stage, request: string): Promise<void> {
  await oca.say(Cleo, request);
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
}

const result = async (oca: Stage): Promise<string> => {
  await oca.rests("reviewing");
  return oca.sees("Done:");
};

test("a question is answered by a button, by whoever asked for the work", async () => {
  const oca = await play();
  await working(oca, "Let oca ask a question");
  const card = await oca.sees("demo asks: Whom shall I greet?");
  expect(card).toContain("[ The team (recommended) ] [ Everybody ] [ Nobody in particular ] [ Other… ]");
  await oca.click(Cleo, "Everybody");
  expect(await result(oca)).toContain("I greeted: Everybody.");
  expect(await oca.sees("Whom shall I greet?")).toMatch(/Answered by Cleo, \d\d:\d\d: Everybody/);
});

test("a question is answered in one's own words", async () => {
  const oca = await play();
  await working(oca, "Let oca ask a question");
  await oca.sees("Whom shall I greet?");
  await oca.say(Cleo, "All who come in peace");
  expect(await result(oca)).toContain("I greeted: All who come in peace.");
});

test("Other… takes what no option says", async () => {
  const oca = await play();
  await working(oca, "Let oca ask a question");
  await oca.sees("Whom shall I greet?");
  await oca.click(Cleo, "Other…", "My mother");
  expect(await result(oca)).toContain("I greeted: My mother.");
});

test("the bot restarts while a question waits: the same card takes the answer, and the agent gets it", async () => {
  const before = await play();
  await working(before, "Let oca ask a question");
  await before.sees("Whom shall I greet?");
  const cards = before.cards().length;
  const oca = await before.restart();
  await oca.rests("asking");
  expect(await oca.sees("Whom shall I greet?")).toContain("demo is not running any more");
  expect(oca.cards()).toHaveLength(cards);
  await oca.click(Cleo, "Everybody");
  expect(await result(oca)).toContain("I greeted: Everybody.");
});

test("a question that nobody answers lets the agent go after ten minutes, and stays answerable", async () => {
  let skipped = 0;
  const now = () => Date.now() + skipped;
  const oca = await play({ parts: { now } });
  await working(oca, "Let oca ask a question");
  await oca.sees("Whom shall I greet?");
  skipped = 11 * 60_000;
  await oca.oca.engine.dispatch((await oca.session()).id, { type: "due", id: "due:1", at: now(), by: null });
  await oca.rests("asking");
  await oca.click(Cleo, "Everybody");
  expect(await result(oca)).toContain("I greeted: Everybody.");
});

test("a permission for once lets the agent do it", async () => {
  const oca = await play();
  await working(oca, "Let oca use a permission");
  expect(await oca.sees("demo asks for permission")).toMatch(/Tool: Bash\n\$ git log --oneline -3\n/);
  await oca.click(Ben, "Allow once");
  expect(await result(oca)).toContain("I asked for permission (allowed)");
  expect((await oca.session()).grants).toEqual([]);
});

test("a permission for the session is not asked for again", async () => {
  const oca = await play();
  await working(oca, "Let oca use a permission");
  await oca.sees("demo asks for permission");
  await oca.say(Ben, "for this session");
  await oca.rests("reviewing");
  expect((await oca.session()).grants).toMatchObject([{ scope: "session", by: { name: "Ben" } }]);
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  const asked = oca.cards().filter((card) => card.includes("asks for permission")).length;
  await oca.say(Cleo, "Use a permission once more");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  expect(oca.cards().filter((card) => card.includes("asks for permission"))).toHaveLength(asked);
});

test("a permission is denied, with the reason, and the agent goes on without", async () => {
  const oca = await play();
  await working(oca, "Let oca use a permission");
  await oca.sees("demo asks for permission");
  await oca.click(Ben, "Deny", "The log is private.");
  expect(await result(oca)).toContain("I asked for permission (denied)");
  expect(await oca.sees("asks for permission")).toMatch(/Answered by Ben, .*: The log is private\./);
});

test("who may not approve may not permit either", async () => {
  const oca = await play();
  await working(oca, "Let oca use a permission");
  await oca.sees("demo asks for permission");
  await oca.click(Cleo, "Allow once");
  await oca.told(Cleo, "approvers, mergers and owners can do this");
  expect((await oca.session()).phase).toMatchObject({ at: "running", asks: [{ what: { kind: "permission" } }] });
});

test("a permission that was waited for when the bot restarted counts for the next turn", async () => {
  const before = await play();
  await working(before, "Let oca use a permission");
  await before.sees("demo asks for permission");
  const oca = await before.restart();
  await oca.rests("asking");
  await oca.click(Ben, "Allow once");
  expect(await result(oca)).toContain("I asked for permission (allowed");
});

test("several things are asked at once: one card at a time, nothing is lost", async () => {
  const oca = await play();
  await working(oca, "Let oca ask several things");
  expect(await oca.sees("2 more after this one.")).toContain("Which language?");
  await oca.click(Cleo, "German");
  expect(await oca.sees("Which tones?")).toContain("1 more after this one.");
  await oca.click(Cleo, "☐ Short");
  await oca.click(Cleo, "☐ Funny");
  await oca.click(Cleo, "☑ Short");
  await oca.click(Cleo, "☐ Warm (recommended)");
  await oca.click(Cleo, "Done");
  await oca.sees("demo asks for permission");
  await oca.click(Ben, "Allow once");
  expect(await result(oca)).toContain("Language: German. Tone: Warm, Funny. Permission: allowed.");
});

test("what was answered and what was ticked survives a restart", async () => {
  const before = await play();
  await working(before, "Let oca ask several things");
  await before.sees("Which language?");
  await before.click(Cleo, "German");
  await before.sees("Which tones?");
  await before.click(Cleo, "☐ Short");
  await before.sees("☑ Short");
  const oca = await before.restart();
  await oca.rests("asking");
  await oca.click(Cleo, "Done");
  await oca.click(Ben, "Allow once");
  expect(await result(oca)).toContain("Language: German. Tone: Short. Permission: allowed");
});

test("an answer that was decided already is told to the second one", async () => {
  const oca = await play();
  await working(oca, "Let oca ask a question");
  await oca.sees("Whom shall I greet?");
  oca.hold();
  await Promise.all([oca.click(Cleo, "Everybody"), oca.click(Ana, "The team (recommended)")]);
  const [answer] = (await oca.session()).decided.filter(({ verb }) => verb === "answer");
  await oca.told(answer?.by?.name === "Ana" ? Cleo : Ana, `${answer?.by?.name} decided this already`);
  oca.release();
  expect(await result(oca)).toContain(`I greeted: ${answer?.answer}.`);
});

test("with two repositories and none of them named, oca asks before it touches anything", async () => {
  const before = await play();
  const docs = join(before.repo, "..", "docs");
  await copySample(docs);
  const { sample } = before.config.repos;
  if (!sample) throw new Error("there is no sample");
  const oca = await before.restart({ config: { repos: { sample, docs: { ...sample, name: "docs", root: docs } } } });
  const talk = oca.talk();
  await talk.say(Cleo, "Let oca add a greeting");
  await talk.rests("asking");
  expect(await talk.sees("Which repository is this about?")).toContain("[ sample ] [ docs ]");
  expect(await oca.git("worktree", "list")).not.toContain("worktrees");
  await talk.click(Cleo, "docs");
  const { workspace, from } = await talk.rests("deciding");
  expect(workspace?.repo).toBe("docs");
  expect(from.repo).toBe("asked");

  const named = oca.talk();
  await named.say(Cleo, "Let oca add a greeting in sample");
  expect((await named.rests("deciding")).workspace?.repo).toBe("sample");
});
