import { expect, test } from "vitest";
import { createText, type TextChat } from "../../src/chat/text/index.ts";
import type { Role } from "../../src/core/authority.ts";
import type { Person } from "../../src/core/parts.ts";
import { asText } from "../../src/view/text.ts";
import { Ana, Ben, Cleo, makeHome, type Play, play, type Stage, until } from "./stage.ts";

const person = (name: string): Person => ({ id: `phone:${name}`, chat: "phone", user: name, name });
const Bea = person("Bea");
const Max = person("Max");

/** The bot in two chats; the second is called phone. Bea is an approver, Max has no role of his own. */
async function twoChats(
  how: Play = {},
  now = Date.now,
): Promise<{ oca: Stage; phone: TextChat; again(): Promise<Stage> }> {
  const home = await makeHome();
  const phone = createText({ name: "phone" });
  const roles: Record<string, Role> = { [Ana.id]: "owner", [Ben.id]: "approver", [Cleo.id]: "requester" };
  const oca = await play({
    home,
    parts: { chats: [home.chat, phone], now },
    config: { roles: { everybody: "observer", people: { ...roles, [Bea.id]: "approver" }, channels: {} } },
    ...how,
  });
  return { oca, phone, again: () => oca.restart() };
}

const read = ({ lines }: TextChat) => lines.flatMap(({ view }) => (view ? [asText(view)] : []));

async function sees(chat: TextChat, part: string): Promise<string> {
  const found = () => read(chat).findLast((text) => text.includes(part));
  await until(
    () => found() !== undefined,
    () => `"${part}" in ${chat.name}, but saw:\n${read(chat).join("\n---\n")}`,
  );
  return found() ?? "";
}

async function told(chat: TextChat, by: Person, part: string): Promise<void> {
  const said = () => chat.replies.flatMap(({ to, view }) => (to.user === by.user ? [asText(view)] : []));
  await until(
    () => said().some((text) => text.includes(part)),
    () => `"${part}" for ${by.name}, but there was:\n${said().join("\n---\n")}`,
  );
}

const presses = (chat: TextChat, by: Person, label: string) => chat.press(by, (button) => button.label === label);

/** The code that somebody was given, and no other. */
async function codeOf(chat: TextChat, by: Person): Promise<string> {
  await told(chat, by, "In the other chat, write to oca:");
  const texts = chat.replies.flatMap(({ to, view }) => (to.user === by.user ? [asText(view)] : []));
  return /oca link (\w+)/.exec(texts.join("\n"))?.[1] ?? "";
}

/** Both say yes. */
async function linked(oca: Stage, phone: TextChat, [here, there]: readonly [Person, Person]): Promise<void> {
  await oca.talk().say(here, "/oca link");
  const code = await codeOf(oca.chat, here);
  await phone.say(there, `/oca link ${code}`);
  await told(phone, there, `${here.name} (text) + ${there.name} (phone)`);
  await oca.told(here, `${here.name} (text) + ${there.name} (phone)`);
  await phone.say(there, `/oca link ${code} yes`);
  await told(phone, there, "Say yes in the other chat, too.");
  await oca.talk().say(here, `/oca link ${code} yes`);
  await oca.told(here, "oca knows you as one person now.");
  await told(phone, there, "oca knows you as one person now.");
}

/** What can be pressed in a chat. */
const offers = ({ lines }: TextChat) => lines.flatMap(({ view }) => (view?.buttons ?? []).map(({ label }) => label));

test("a session of one chat is followed, approved and merged from another, and both show the same", async () => {
  const { oca, phone, again } = await twoChats();
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await phone.say(Bea, `/oca follow ${id}`);
  await sees(phone, "Following: add a greeting");
  await sees(phone, "Plan v1: add a greeting");
  await oca.oca.screen.idle();
  expect(offers(phone)).toEqual(offers(oca.chat));

  await presses(phone, Bea, "Approve");
  await oca.rests("reviewing");
  expect(await oca.sees("Approved by Bea")).toContain("Plan v1");
  await sees(phone, "Approved by Bea");
  const { phase } = await oca.session();
  const old = phone.lines.find(({ view }) => view && asText(view).includes("Plan v1"));
  expect(old?.view?.buttons).toEqual([]);

  const later = await again();
  expect((await later.session()).phase).toEqual(phase);
  await presses(phone, Bea, "Merge");
  await told(phone, Bea, "Not allowed here: mergers and owners can do this.");
  await later.click(Ana, "Merge");
  await later.rests("closed");
  await sees(phone, "Merged into main by Ana");
  expect(offers(phone)).toEqual(["Undo"]);
  expect((await later.session()).threads.map(({ chat }) => chat)).toEqual(["text", "phone"]);
});

test("words in the thread that follows are words to the session", async () => {
  const { oca, phone } = await twoChats();
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await phone.say(Bea, `/oca follow ${id}`);
  await sees(phone, "Plan v1");
  await oca.oca.screen.idle();
  const { threads } = await oca.session();
  await phone.say(Bea, "Be brief.", threads[1]);
  await oca.sees("Plan v2");
  await sees(phone, "Plan v2");
  // A decision in words counts for what stood there before it was said.
  await oca.oca.screen.idle();
  const before = Date.now();
  await until(
    () => Date.now() > before,
    () => "the clock to move",
  );
  await phone.say(Bea, "approve", threads[1]);
  await oca.rests("reviewing");
  expect((await oca.session()).requester.id).toBe(Cleo.id);
});

test("who may not ask for work in the session's home cannot bring it elsewhere, and nothing is posted", async () => {
  const { oca, phone } = await twoChats();
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await phone.say(Max, `/oca follow ${id}`);
  await told(phone, Max, "Not allowed here");
  expect(read(phone)).toEqual([]);
  await phone.say(Bea, "/oca follow nothing");
  await told(phone, Bea, "This piece of work is not here any more.");
});

test("in a channel it is shown once, however often it is asked for", async () => {
  const { oca, phone } = await twoChats();
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await phone.say(Bea, `/oca follow ${id}`);
  await sees(phone, "Plan v1");
  await phone.say(Bea, `/oca follow ${id}`);
  await told(phone, Bea, "add a greeting is shown here already.");
  await oca.say(Ben, `/oca follow ${id}`);
  await oca.told(Ben, "add a greeting is shown here already.");
  expect((await oca.session()).threads).toHaveLength(2);
});

test("a command about a session is judged in the session's home, wherever it is given", async () => {
  const { oca, phone } = await twoChats({
    config: {
      roles: {
        everybody: "observer",
        people: { [Cleo.id]: "requester" },
        channels: { "phone:general": { everybody: "owner" } },
      },
    },
  });
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await phone.say(Max, `/oca approve ${id}`);
  await told(phone, Max, "Not allowed here");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("one person in two chats has the lower role of both until an owner is sure, then the higher, in both", async () => {
  const { oca, phone, again } = await twoChats();
  await linked(oca, phone, [Cleo, Bea]);
  const home = { chat: "text", channel: "general", thread: null };
  const roles = (of: Stage) => [Cleo, Bea].map((one) => of.oca.house.role(home, one));
  expect(roles(oca)).toEqual(["requester", "requester"]);
  await phone.say(Bea, "/oca confirm Cleo");
  await told(phone, Bea, "Not allowed here: owners can do this.");
  await oca.talk().say(Ana, "/oca confirm Nobody");
  await oca.told(Ana, "does not know who Nobody is");
  const later = await again();
  expect(roles(later)).toEqual(["requester", "requester"]);
  await later.talk().say(Ana, "/oca confirm Cleo");
  await later.told(Ana, "Confirmed.");
  expect(roles(later)).toEqual(["approver", "approver"]);

  await later.talk().say(Cleo, "Let oca add a greeting");
  await until(
    async () => (await later.oca.store.all())[0]?.phase.at === "deciding",
    () => "a plan",
  );
  await phone.say(Bea, "/oca list");
  await told(phone, Bea, "Waiting on you\n  add a greeting: a plan");
  await phone.say(Bea, "/oca unlink");
  await told(phone, Bea, "You are no longer linked.");
  expect(roles(later)).toEqual(["requester", "approver"]);
});

test("whoever has voted, or asked, in one chat is not a second person in the other", async () => {
  const { oca, phone } = await twoChats({ policy: { votes: 2 } });
  await oca.say(Cleo, "Let oca add a greeting");
  const { id } = await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await until(
    async () => "votes" in (await oca.session()).phase && JSON.stringify((await oca.session()).phase).includes("Ben"),
    () => "the vote of Ben",
  );
  // Only now it is known that Bea is Ben.
  await linked(oca, phone, [Ben, Bea]);
  await phone.say(Bea, `/oca follow ${id}`);
  await sees(phone, "Plan v1");
  await presses(phone, Bea, "Approve");
  await told(phone, Bea, "1 more approval is needed, from somebody else.");
  expect((await oca.session()).phase.at).toBe("deciding");
});

test("a code that is old, given twice, or answered by somebody else links nobody", async () => {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const { oca, phone } = await twoChats({}, now);
  await oca.talk().say(Cleo, "/oca link");
  const code = await codeOf(oca.chat, Cleo);
  await oca.talk().say(Ben, `/oca link ${code}`);
  await oca.told(Ben, "or the same chat");
  await phone.say(Max, `/oca link ${code}`);
  await told(phone, Max, "Cleo (text) + Max (phone)");
  await phone.say(Bea, `/oca link ${code}`);
  await told(phone, Bea, "This code is not valid (any more).");
  await phone.say(Bea, `/oca link ${code} yes`);
  await phone.say(Max, `/oca link ${code} yes`);
  ahead = 11 * 60_000;
  await oca.talk().say(Cleo, `/oca link ${code} yes`);
  await oca.told(Cleo, "This code is not valid (any more).");
  expect(oca.oca.house.ids(Cleo)).toEqual([Cleo.id]);
});

test("the only owner who links a chat of their own is not locked out: their own id still has the word", async () => {
  const { oca, phone } = await twoChats();
  await linked(oca, phone, [Ana, Max]);
  await oca.talk().say(Ana, "/oca allow approver Ben");
  await oca.told(Ana, "Not allowed here");
  await phone.say(Max, "/oca confirm Ana");
  await told(phone, Max, "Not allowed here");
  await oca.talk().say(Ana, "/oca confirm Max");
  await oca.told(Ana, "Confirmed.");
  await phone.say(Max, "/oca allow approver Bea");
  await told(phone, Max, "Bea is approver in this channel now");
});
