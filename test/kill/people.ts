import { readAction } from "../../src/core/action.ts";
import type { Verb } from "../../src/core/event.ts";
import type { Person, Turn } from "../../src/core/parts.ts";
import type { Incoming, Message, Posted } from "../../src/core/ports/chat.ts";
import type { View } from "../../src/core/view.ts";
import { never } from "../../src/lib/never.ts";
import { asText } from "../../src/view/text.ts";
import type { Server } from "./server.ts";
import type { Asked, FromBot, ToBot } from "./wire.ts";

/** A message of the thread: words of a person, or a card. */
export interface Line {
  at: Message;
  words: string;
  view: View | null;
}

/** A platform with a few people in one thread. It outlives every bot, and brings again what was not acknowledged. */
export interface People {
  lines: readonly Line[];
  /** Every turn that an agent was given, and those that it has brought to a good end. */
  turns: readonly { turn: Turn; ended: boolean }[];
  /** What struck them as wrong on the way. */
  wrong: readonly string[];
  /** Old cards that still had buttons in the end; each was pressed, and said that it is too late. */
  strays(): number;
  /** How often a card asked them to tidy up the checkout. */
  helped(): number;
  /** A bot has been started: what it says goes to what this returns. */
  meet(send: (message: ToBot) => void): (message: FromBot) => void;
}

const person = (name: string): Person => {
  const user = name.toLowerCase();
  return { id: `text:${user}`, chat: "text", user, name };
};
const [Ana, Ben, Cleo] = [person("Ana"), person("Ben"), person("Cleo")];

export const MERGED_THERE = "Pull request #1 was merged; seen";
export const TASK = "greet somebody";
export const WORD = "also say goodbye";

/** Who presses what as soon as a card offers it. */
const PRESSES: readonly [Verb, Person][] = [
  ["approve", Ben],
  ["answer", Cleo],
  ["resume", Cleo],
];

type Delivery = { by: Person } & ({ words: string } | { on: Line; action: string });
type Asks = Extract<FromBot, { is: "asks" }>;

/**
 * What Ana wants of the work: from a review to a close, and back, until the last one is a merge. A revert is wished for where
 * an undo comes too late: she tries that first.
 */
export type Wish = "discard" | "undo" | "revert" | "merge";

interface Hands {
  wishes: readonly Wish[];
  /** What a person does whose card says that something is in the way of a merge. */
  tidy(): Promise<void>;
  /** Somebody commits to the base, before a wish. */
  commit: (() => Promise<void>) | null;
  before: number;
  /** Where the work gets home by a pull request, with a comment on the way. Then nothing else is wished for. */
  server: Server | null;
}

export function createPeople({ wishes, tidy, commit, before, server }: Hands): People {
  const lines: Line[] = [];
  const turns: { turn: Turn; ended: boolean }[] = [];
  const wrong: string[] = [];
  /** Not acknowledged yet, by delivery. */
  const open = new Map<string, Incoming>();
  const refused = new Set<string>();
  const pressed = new Set<string>();
  const strays = new Map<string, Line>();
  let count = 0;
  let word: string | null = null;
  let isAnswered = false;
  let helped = 0;
  let wish = 0;
  let newest = 0;
  let committed: Promise<void> | null = null;
  /** The offer on which the comment was given to oca. */
  let addressed = Number.POSITIVE_INFINITY;
  const next = () => `t${++count}`;

  function deliver({ by, ...what }: Delivery): Incoming {
    const message = next();
    const thread = lines[0]?.at ?? { chat: "text", channel: "general", thread: message };
    const head = { id: `text:${message}`, at: Date.now(), by, thread, locale: "en" };
    const incoming: Incoming =
      "words" in what
        ? { ...head, type: "message", message, text: what.words, files: [], replyTo: null, addressed: false }
        : { ...head, type: "click", message: what.on.at.id, action: what.action, text: null };
    if ("words" in what) lines.push({ at: { ...thread, id: message }, words: what.words, view: null });
    open.set(incoming.id, incoming);
    return incoming;
  }

  /** People look at the newest card that offers what they may do, and press each button once. */
  function decide(bring: (incoming: Incoming) => void): void {
    const wanted = verbsOf(wishes[wish]);
    for (const [verb, by] of [...PRESSES, ...wanted.map((verb) => [verb, Ana] as const)]) {
      const on = lines.findLast((line) => actions(line, verb).length > 0);
      const action = on && actions(on, verb)[0];
      if (!action || pressed.has(`${on.at.id} ${action}`)) continue;
      pressed.add(`${on.at.id} ${action}`);
      const press = () => bring(deliver({ by, on, action }));
      if (on.view && /Not (?:merged|taken back): /.test(asText(on.view))) void help().then(press);
      else if (wish === before && wanted.includes(verb)) void theirs().then(press);
      else press();
    }
  }

  /** A review and a close take turns. The newest offer is the true one, also while older cards still have their buttons. */
  function advance(): void {
    const offers = lines.flatMap((line) =>
      (["merge", "discard", "undo"] as const).flatMap((verb) =>
        actions(line, verb).map((action) => ({ verb, action })),
      ),
    );
    for (const { verb, action } of offers) {
      const offer = Number(readAction(action)?.key ?? Number.NaN);
      if (!(offer > newest)) continue;
      newest = offer;
      const isClosed = verb === "undo";
      if (isClosed === (wish % 2 === 0)) wish += 1;
    }
  }

  /** Ana opens the pull request and brings it up to date; somebody comments on it, and merges it when that is dealt with. */
  function request({ comment, merge }: Server, bring: (incoming: Incoming) => void, look: (at: string) => void): void {
    const on = lines
      .filter((line) => actions(line, "discard").length > 0 && actions(line, "resume").length === 0)
      .toSorted((a, b) => offerOf(a) - offerOf(b))
      .at(-1);
    if (!on) return;
    const [address] = actions(on, "address");
    const action = address ?? actions(on, "pr")[0];
    if (!action) {
      if (addressed === Number.POSITIVE_INFINITY) void comment().then(() => look("comment"), complain);
      else if (offerOf(on) > addressed) void merge().then(() => look("merge"), complain);
      return;
    }
    if (pressed.has(`${on.at.id} ${action}`)) return;
    pressed.add(`${on.at.id} ${action}`);
    const press = () => bring(deliver({ by: address ? Ben : Ana, on, action }));
    if (on.view && asText(on.view).includes("Not merged: ")) void help().then(press);
    else press();
  }

  const complain = (error: unknown): void => void wrong.push(`the server failed: ${error}`);

  function theirs(): Promise<void> {
    committed ??= commit ? commit() : Promise.resolve();
    return committed;
  }

  function help(): Promise<void> {
    helped += 1;
    return tidy();
  }

  /** All is said and done: whatever can still be pressed is pressed, and must be refused. */
  function pressStrays(merged: Line, bring: (incoming: Incoming) => void): void {
    for (const on of lines) {
      for (const action of on === merged ? [] : actions(on)) {
        if (pressed.has(`late ${on.at.id} ${action}`)) continue;
        pressed.add(`late ${on.at.id} ${action}`);
        const incoming = deliver({ by: Ana, on, action });
        strays.set(incoming.id, on);
        bring(incoming);
      }
    }
  }

  function post({ thread, view }: Asked["post"]["args"]): Posted {
    if (isAnswered && view.buttons.some(({ does }) => verbOf(does) === "answer"))
      wrong.push("what had been answered was asked again");
    const line = { at: { ...thread, id: next() }, words: "", view };
    lines.push(line);
    return { ...line.at, at: Date.now() };
  }

  function edit({ message, view }: Asked["edit"]["args"]): null {
    const line = lines.find(({ at }) => at.id === message.id);
    if (line) line.view = view;
    else wrong.push(`there is no message ${message.id} to edit`);
    return null;
  }

  function done({ what, args }: Exclude<Asks, { what: "middle" }>): unknown {
    switch (what) {
      case "post":
        return post(args);
      case "edit":
        return edit(args);
      case "reply":
        refused.add(args.delivery);
        return null;
      case "context":
        return [];
      case "pending":
        if (lines.length === 0) deliver({ by: Cleo, words: `Let oca ${TASK}` });
        return [...open.values()];
      default:
        return never(what);
    }
  }

  function ended(): Line | undefined {
    if (server) return lines.findLast(({ view }) => view && asText(view).includes(MERGED_THERE));
    return wish < wishes.length ? undefined : lines.findLast((line) => actions(line, "undo").length > 0);
  }

  function meet(send: (message: ToBot) => void): (message: FromBot) => void {
    let isReady = false;
    let isStopped = false;
    const held: number[] = [];
    const bring = (incoming: Incoming) => send({ is: "delivery", incoming });
    const looked = new Set<string>();
    /** Once a life: a bot may have died before it had seen it. */
    const lookThere = (what: string): void => {
      if (looked.has(what) || isStopped) return;
      looked.add(what);
      send({ is: "look" });
    };
    const answer = (call: number, value: unknown) => send({ is: "answer", call, value });

    function look(): void {
      if (!isReady || isStopped) return;
      advance();
      const merged = ended();
      if (merged) pressStrays(merged, bring);
      else {
        decide(bring);
        if (server) request(server, bring, lookThere);
      }
      if (!merged || open.size > 0) return;
      isStopped = true;
      send({ is: "stop" });
    }

    function take(id: string): void {
      const incoming = open.get(id);
      open.delete(id);
      if (id === word) for (const call of held.splice(0)) answer(call, null);
      const action = incoming?.type === "click" && !refused.has(id) ? readAction(incoming.action) : null;
      if (action?.verb === "answer") isAnswered = true;
      if (action?.verb === "address") addressed = Number(action.key);
      const line = strays.get(id);
      if (line && !refused.has(id))
        wrong.push(`an old card could still be pressed:\n${line.view && asText(line.view)}`);
    }

    /** The word is said in the middle of the first write turn, which goes on when the word is saved. */
    function hold(call: number): void {
      if (word === null) {
        const incoming = deliver({ by: Ben, words: WORD });
        word = incoming.id;
        bring(incoming);
      }
      if (open.has(word)) held.push(call);
      else answer(call, null);
    }

    /** A turn that was cut off goes on as one that says so. */
    function turn({ turn, ended }: Extract<FromBot, { is: "turn" }>): void {
      if (
        !ended &&
        !turn.prompt.startsWith("You were interrupted") &&
        turns.some((one) => one.turn.prompt === turn.prompt)
      )
        wrong.push(`a turn was begun twice: ${turn.prompt}`);
      turns.push({ turn, ended });
    }

    return (message) => {
      switch (message.is) {
        case "ready":
          isReady = true;
          break;
        case "took":
          if (message.ok) take(message.delivery);
          else wrong.push(`${message.delivery} could not be saved`);
          break;
        case "turn":
          turn(message);
          break;
        case "asks":
          if (message.what === "middle") hold(message.call);
          else answer(message.call, done(message));
          break;
        case "over":
          break;
      }
      look();
    };
  }

  return { lines, turns, wrong, strays: () => strays.size, helped: () => helped, meet };
}

const verbsOf = (wish: Wish | undefined): Verb[] => {
  if (wish === undefined) return [];
  return wish === "revert" ? ["undo", "revert"] : [wish];
};

const offerOf = (line: Line): number =>
  Math.max(0, ...actions(line, "discard").map((action) => Number(readAction(action)?.key)));

type Does = View["buttons"][number]["does"];
const verbOf = (does: Does): Verb | null => ("action" in does ? (readAction(does.action)?.verb ?? null) : null);

const actions = ({ view }: Line, verb?: Verb): string[] =>
  (view?.buttons ?? []).flatMap(({ does }) =>
    "action" in does && (!verb || verbOf(does) === verb) ? [does.action] : [],
  );
