import { expect, test } from "vitest";
import { Ana, Ben, Cleo, Dan, Eve, play, type Stage, until } from "./stage.ts";

const REQUEST = "Let oca add a greeting to hello.txt";

async function planned(oca: Stage, request = REQUEST): Promise<void> {
  await oca.say(Cleo, request);
  await oca.rests("deciding");
}

const kinds = async ({ oca, session }: Stage): Promise<(string | null)[]> => {
  const journal = await oca.store.journal((await session()).id);
  return journal.flatMap(({ event }) => (event.type === "pressed" ? [event.verb] : []));
};

test("a reply in words asks for another plan, and the old card says so", async () => {
  const oca = await play();
  await planned(oca);
  await oca.say(Cleo, "Keep it short, please.");
  await oca.rests("deciding");
  expect(await oca.sees("Plan v2")).toMatch(/Keep it short, please\.[\s\S]*New since v1:/);
  const [, first] = oca.cards();
  expect(first).toMatch(/^Plan v1: .*\nChanges asked for by Cleo/);
  expect(first).not.toContain("[ Approve ]");
  expect(oca.cards()).toHaveLength(3);
});

test("Revise asks what should change, and the new plan has it", async () => {
  const oca = await play();
  await planned(oca);
  await oca.click(Cleo, "Revise", "> Commit it\n\nLeave the commit to me.");
  await oca.rests("deciding");
  expect(await oca.sees("Plan v2")).toContain("Leave the commit to me.");
});

test("the revised plan is what gets approved and done", async () => {
  const oca = await play();
  await planned(oca);
  await oca.say(Cleo, "revise: thank the readers");
  await oca.rests("deciding");
  await oca.say(Ben, "approve");
  const { warrant, plans } = await oca.rests("reviewing");
  expect(warrant).toMatchObject({ digest: plans[1]?.digest, votes: [{ by: { name: "Ben" }, via: "words" }] });
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toContain("thank the readers");
});

test("Reject ends it: the plan stays readable, the workspace is gone, nothing is on main", async () => {
  const oca = await play();
  await planned(oca);
  await oca.click(Cleo, "Reject");
  const { phase } = await oca.rests("closed");
  expect(phase).toMatchObject({ outcome: "rejected" });
  expect(await oca.sees("Rejected: add")).toContain("A reply starts the next piece of work here.");
  expect(await oca.sees("Plan v1")).toContain("1. Read hello.txt");
  expect(await oca.git("branch", "--list", "oca/*")).toBe("");
  expect(await oca.git("worktree", "list")).not.toContain("worktrees");
});

test("who asked for it may not approve it, and is told who may", async () => {
  const oca = await play();
  await planned(oca);
  await oca.click(Cleo, "Approve");
  expect(await oca.told(Cleo, "Not allowed here")).toMatch(
    /approvers, mergers and owners can do this[\s\S]*You are text:cleo/,
  );
  await oca.say(Cleo, "approve");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("a stranger's click and words change nothing", async () => {
  const oca = await play();
  await planned(oca);
  const { rev } = await oca.session();
  await oca.click(Dan, "Approve");
  await oca.told(Dan, "Not allowed here");
  await oca.say(Dan, "make it blue");
  await oca.told(Dan, "requesters, approvers, mergers and owners can do this");
  expect((await oca.session()).rev).toBe(rev);
});

test("two people approve at once: one wins, the other one is told who", async () => {
  const oca = await play();
  await planned(oca);
  oca.hold();
  await Promise.all([oca.click(Ben, "Approve"), oca.click(Eve, "Approve")]);
  const [first] = (await oca.session()).decided;
  await oca.told(first?.by?.name === "Ben" ? Eve : Ben, `${first?.by?.name} decided this already`);
  oca.release();
  await oca.rests("reviewing");
  expect(await kinds(oca)).toEqual(["approve"]);
});

test("a button of the old plan approves nothing", async () => {
  const oca = await play();
  await planned(oca);
  await oca.click(Cleo, "Revise", "Shorter.");
  await oca.rests("deciding");
  await oca.click(Cleo, "Revise", "Even shorter.");
  await oca.rests("deciding");
  // Ben's screen still showed the first card.
  const old = oca.deliveries.find((one) => one.type === "click");
  if (old?.type !== "click") throw new Error("nobody clicked");
  const action = old.action.replace("revise", "approve");
  await oca.chat.deliver({ ...old, id: "text:late", by: Ben, action, text: null });
  await oca.told(Ben, "Superseded by plan v3.");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("“approve” that was typed before the new plan could be read does not approve it", async () => {
  const slow = Promise.withResolvers<void>();
  const posting = Promise.withResolvers<void>();
  const oca = await play({
    chat: (chat) => ({
      ...chat,
      post: async (thread, view) => {
        if (view.head.startsWith("Plan v2")) {
          posting.resolve();
          await slow.promise;
        }
        return chat.post(thread, view);
      },
    }),
  });
  await planned(oca);
  await oca.click(Cleo, "Revise", "Shorter.");
  await posting.promise;
  const since = Date.now();
  await until(
    () => Date.now() > since + 2,
    () => "the clock to move",
  );
  const typed = oca.say(Ben, "approve");
  slow.resolve();
  await typed;
  await oca.told(Ben, "Superseded by plan v2.");
  expect((await oca.session()).phase.at).toBe("deciding");
  await oca.rests("deciding");
  await oca.say(Ben, "approve");
  await oca.rests("reviewing");
});

test("where the channel asks for no plan, work begins at once", async () => {
  const oca = await play({ policy: { plan: "off" } });
  await oca.say(Cleo, REQUEST);
  const { plans, warrant } = await oca.rests("reviewing");
  expect(plans).toEqual([]);
  expect(warrant).toMatchObject({ digest: null, votes: [{ by: null, via: "policy" }] });
  expect(oca.cards()).toHaveLength(2);
});

test("where the channel approves plans by itself, the plan is made and carried out", async () => {
  const oca = await play({ policy: { plan: "approve" } });
  await oca.say(Cleo, REQUEST);
  const { plans, warrant } = await oca.rests("reviewing");
  expect(warrant).toMatchObject({ digest: plans[0]?.digest, votes: [{ by: null, via: "policy" }] });
});

test("--no-plan counts for somebody who may approve, and for nobody else", async () => {
  const oca = await play();
  await oca.say(Cleo, `${REQUEST} --no-plan`);
  await oca.told(Cleo, "approvers, mergers and owners can do this");
  expect(await oca.oca.store.all()).toEqual([]);
  const other = oca.talk();
  await other.say(Ben, `${REQUEST} --no-plan`);
  expect((await other.rests("reviewing")).plans).toEqual([]);
});

test("--plan asks for a plan where the channel wants none", async () => {
  const oca = await play({ policy: { plan: "off" } });
  await oca.say(Cleo, `${REQUEST} --plan`);
  await oca.rests("deciding");
});

test("where two people must agree, the requester's own vote and a second one of the same person do not count", async () => {
  const oca = await play({ policy: { votes: 2 } });
  await oca.say(Ben, REQUEST);
  await oca.rests("deciding");
  expect(await oca.sees("Plan v1")).toContain("Needs 2 approvals.");
  await oca.click(Ben, "Approve");
  await oca.told(Ben, "2 more approvals are needed, from other people.");
  await oca.click(Ana, "Approve");
  await oca.sees("1 of 2 approvals: Ana");
  await oca.click(Ana, "Approve");
  await oca.told(Ana, "1 more approval is needed, from somebody else.");
  await oca.click(Eve, "Approve");
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.sees("1 of 2 approvals: Ana");
  await oca.click(Eve, "Merge");
  await oca.rests("closed");
  expect(await oca.sees("Merged into main")).toContain("Ana and Eve");
});

test("main moved under a file of the plan: the approval is asked for once more", async () => {
  const oca = await play();
  await planned(oca);
  await oca.commit("hello.txt", "Hello, moved world!\nThis file is for greetings.\n");
  await oca.click(Ben, "Approve");
  const asked = await oca.rests("deciding");
  expect(asked.warrant).toBeNull();
  expect(await oca.sees("main moved by 1 commit since the plan and changed hello.txt")).toContain("[ Approve anyway ]");
  await oca.click(Ben, "Approve anyway");
  await oca.rests("reviewing");
  await oca.click(Ana, "Merge");
  await oca.rests("closed");
  expect(await oca.reads("hello.txt")).toMatch(/^Hello, moved world![\s\S]*friendly/);
});

test("main moved elsewhere: the work begins on the new main, and says so", async () => {
  const oca = await play();
  await planned(oca);
  const moved = await oca.commit("README.md", "# Moved\n");
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("main moved by 1 commit since the plan, outside its files.");
  oca.release();
  const { workspace } = await oca.rests("reviewing");
  expect(workspace?.baseCommit).toBe(moved);
});
