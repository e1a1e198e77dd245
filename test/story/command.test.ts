import { expect, test } from "vitest";
import { Ana, Ben, Cleo, Dan, Eve, play, type Stage } from "./stage.ts";

async function planned(): Promise<Stage> {
  const oca = await play();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  return oca;
}

test("oca list shows what waits on me, and to somebody else what runs", async () => {
  const oca = await planned();
  await oca.say(Ben, "oca list");
  expect(await oca.told(Ben, "Your overview")).toMatch(/Waiting on you\n {2}add a greeting: a plan · sample/);
  oca.hold();
  await oca.click(Ben, "Approve");
  await oca.sees("Working:");
  await oca.say(Cleo, "/oca list");
  expect(await oca.told(Cleo, "Your overview")).toMatch(/Running\n {2}add a greeting: working · sample/);
  oca.release();
  await oca.rests("reviewing");
  await oca.say(Ana, "oca list");
  expect(await oca.told(Ana, "Ready to merge")).toContain("add a greeting: a result · sample");
});

test("oca list says how to start when nothing is going on", async () => {
  const oca = await play();
  await oca.say(Cleo, "oca list");
  await oca.told(Cleo, "Nothing is going on. Write “Let oca …” to start.");
});

test("oca show tells a teammate who joins goal, plan, state and open decision", async () => {
  const oca = await planned();
  await oca.say(Dan, "oca show");
  const told = await oca.told(Dan, "Catch-up: add a greeting");
  expect(told).toMatch(/Asked for by Cleo, \d\d:\d\d:\n> add a greeting/);
  expect(told).toContain("Plan v1, not approved:");
  expect(told).toContain("Open: Plan v1: add a greeting");
  const { id } = await oca.session();
  await oca.talk().say(Dan, `oca show ${id}`);
  expect(oca.chat.replies).toHaveLength(2);
});

test("oca log gives what the agent said and did as a file", async () => {
  const oca = await planned();
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  await oca.say(Cleo, "oca log");
  await oca.told(Cleo, "(add-a-greeting.log)");
  const [file] = oca.chat.replies.at(-1)?.view.documents ?? [];
  expect(file?.text).toMatch(/I am the demo agent[\s\S]*edit ok: hello\.txt[\s\S]*I added the greeting/);
});

test("oca help lists every command", async () => {
  const oca = await play();
  await oca.say(Cleo, "oca help");
  const told = await oca.told(Cleo, "How to work with oca");
  for (const name of ["list", "show", "log", "stop", "merge", "undo", "doctor"]) expect(told).toContain(`oca ${name}`);
});

test("oca stop stops what runs in the thread, and by name from anywhere", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.sees("Planning:");
  await oca.say(Cleo, "oca stop");
  await oca.rests("paused");
  await oca.click(Cleo, "Resume");
  await oca.sees("Planning:");
  await oca.talk().say(Ana, "/oca stop add-a-greeting");
  await oca.rests("paused");
  await oca.sees("Stopped by Ana");
});

test("oca stop obeys the same authority as the button", async () => {
  const oca = await play();
  oca.hold();
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.sees("Planning:");
  await oca.say(Dan, "oca stop");
  await oca.told(Dan, "Not allowed here");
  expect((await oca.session()).phase.at).toBe("running");
  oca.release();
  await oca.rests("deciding");
});

test("a command about work that is not there says so", async () => {
  const oca = await play();
  await oca.say(Cleo, "oca show nothing");
  await oca.told(Cleo, "This piece of work is not here any more.");
});

test("oca doctor names what is wrong and how to mend it", async () => {
  const oca = await planned();
  await oca.say(Ana, "oca doctor");
  await oca.told(Ana, "checks passed");
  await oca.git("config", "--unset", "user.name");
  const broken = await oca.restart({
    config: { env: { ...oca.config.env, HOME: oca.data, GIT_CONFIG_NOSYSTEM: "1" } },
  });
  await broken.say(Ana, "oca doctor");
  expect(await broken.told(Ana, "1 thing needs your attention")).toContain("user.name");
});

test("outside its thread a command means the only work in the channel that concerns the person", async () => {
  const oca = await planned();
  await oca.talk().say(Cleo, "/oca show");
  await oca.told(Cleo, "Catch-up: add a greeting");
  await oca.talk().say(Ben, "/oca approve");
  await oca.rests("reviewing");
  await oca.sees("Approved by Ben");
});

test("of several, oca asks which is meant: each is a button that says the command for it", async () => {
  const oca = await planned();
  const other = oca.talk();
  await other.say(Cleo, "Let oca add a greeting, again");
  await other.rests("deciding");
  await oca.talk().say(Cleo, "/oca reject");
  const told = await oca.told(Cleo, "Which one?");
  expect(told).toContain("add a greeting: a plan · sample");
  const { id } = await other.session();
  const buttons = oca.chat.replies.at(-1)?.view.buttons.map(({ does }) => does);
  expect(buttons).toHaveLength(2);
  expect(buttons).toContainEqual({ action: `/oca reject ${id}` });
  await oca.talk().say(Cleo, `/oca reject ${id}`);
  await other.rests("closed");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("work of other people, and of other channels, is never meant without being named", async () => {
  const oca = await planned();
  await oca.talk().say(Eve, "/oca stop");
  await oca.told(Eve, "This piece of work is not here any more.");
  await oca.talk().say(Dan, "/oca show");
  await oca.told(Dan, "Which one?");
  await oca.talk({ chat: "text", channel: "random", thread: "r1" }).say(Cleo, "/oca reject");
  await oca.told(Cleo, "Which one?");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("words for a command go to the work that is named before them", async () => {
  const oca = await planned();
  const { id } = await oca.session();
  await oca.talk().say(Cleo, `/oca revise ${id} say it louder`);
  await oca.sees("Plan v2");
  expect((await oca.rests("deciding")).plans.at(-1)?.markdown).toContain("say it louder");
});

test("a command counts by the role in the channel of the work, wherever it is given", async () => {
  const powers = { people: { [Dan.id]: "merger" as const } };
  const channels = { "text:random": powers };
  const oca = await play({
    config: { roles: { everybody: "observer", people: { [Cleo.id]: "requester" }, channels } },
  });
  await oca.say(Cleo, "Let oca add a greeting");
  await oca.rests("deciding");
  const { id } = await oca.session();
  await oca.talk({ chat: "text", channel: "random", thread: "r1" }).say(Dan, `/oca approve ${id}`);
  await oca.told(Dan, "Not allowed here");
  expect((await oca.session()).phase.at).toBe("deciding");
});
