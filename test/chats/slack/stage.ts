import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import english from "../../../locales/en/slack.json" with { type: "json" };
import { createScripted } from "../../../src/agents/scripted.ts";
import type { Script } from "../../../src/agents/scripts.ts";
import { manifest } from "../../../src/chat/slack/manifest.ts";
import type { Session } from "../../../src/core/session.ts";
import { environment, type Play, play, until } from "../../story/stage.ts";
import type { Seen } from "../../twin/slack/acts.ts";
import type { Values } from "../../twin/slack/form.ts";
import { createSlackTwin, type SlackTwin, type TwinOptions } from "../../twin/slack/index.ts";
import type { Person, Sent } from "../../twin/slack/people.ts";
import { UNTIL_TOLD } from "./greeting.ts";

/** What goes wrong all the time. */
export interface Trouble {
  /** Every call of Slack's fails at first. */
  fails?: boolean;
  /** Every event comes twice. */
  twice?: boolean;
  /** The connection is cut, or the bot starts again, before each step. */
  between?: "drop" | "restart";
}

/** The thread of one request in #agents. */
export interface SlackStage {
  slack: SlackTwin;
  person(name: string): Person;
  /** Starts the thread. */
  asks(by: string, text: string): Promise<void>;
  says(by: string, text: string): Promise<void>;
  /** Waits until the thread says this; resolves to the newest message that does. */
  sees(part: string): Promise<Seen>;
  /** Presses the newest button with this label, as often as it takes. */
  presses(by: string, label: string): Promise<void>;
  /** The same, until a dialog opens. */
  opens(by: string, label: string): Promise<Person>;
  /** Sends the uppermost dialog, as often as it takes. */
  submits(by: string, values: Values): Promise<Sent>;
  rests(at: Session["phase"]["at"]): Promise<Session>;
  /** The thread as it reads now, without the request. */
  cards(): Seen[];
  /** A file as it is in the user's own checkout. */
  reads(file: string): Promise<string>;
  /** The agent goes on from its pause. */
  goOn(): void;
}

/** What stands behind the thread: the bot, however it runs. */
export interface Behind {
  sessions(): Promise<readonly Session[]>;
  /** Before each thing that a person does. */
  step(): Promise<void>;
  /** Resolves when the cards are drawn, where that can be known. */
  drawn(): Promise<void>;
  reads(file: string): Promise<string>;
  goOn(): void;
  /** How long people wait for what they expect. */
  patienceMs: number;
}

/** Nobody presses a button that does nothing faster than this. */
const AGAIN_MS = 300;
/** When no dialog comes, people press again. */
const PATIENT_MS = 3000;
export const ROLES = { Ana: "owner", Ben: "approver", Cleo: "requester", Dan: "observer", Eve: "merger" } as const;

export const createTwin = (mode: TwinOptions["mode"], trouble: Trouble = {}): Promise<SlackTwin> =>
  createSlackTwin({
    mode,
    limits: null,
    retryMs: Array.from({ length: 300 }, () => 250),
    manifest: manifest(english, mode === "http" ? "https://oca.example/slack/events" : null),
  }).then((slack) =>
    Object.assign(slack, { troubles: { fails: trouble.fails ?? false, twice: trouble.twice ?? false } }),
  );

export async function playSlack(mode: TwinOptions["mode"], script: Script, trouble: Trouble = {}): Promise<SlackStage> {
  const slack = await createTwin(mode, trouble);
  onTestFinished(() => slack.stop());
  const pause = Promise.withResolvers<void>();
  let bot = await play(orderOf(slack, mode, script, pause.promise));
  const listen = async (): Promise<void> => {
    if (mode === "socket") return;
    const port = () => bot.oca.slack?.port() ?? null;
    await until(
      () => port() !== null,
      () => "the bot to listen",
    );
    slack.requestUrl = `http://127.0.0.1:${port()}/slack/events`;
  };
  await listen();
  return createThread(slack, {
    sessions: () => bot.oca.store.all(),
    drawn: () => bot.oca.screen.idle(),
    reads: (file) => bot.reads(file),
    goOn: pause.resolve,
    patienceMs: 45_000,
    step: async () => {
      if (trouble.between === "drop") slack.drop();
      if (trouble.between !== "restart") return;
      bot = await bot.restart();
      await listen();
    },
  });
}

export function createThread(slack: SlackTwin, behind: Behind): SlackStage {
  const { sessions, step, drawn, reads, goOn, patienceMs } = behind;
  const sees = (holds: () => boolean | Promise<boolean>, wanted: () => string | Promise<string>) =>
    until(holds, wanted, patienceMs);
  let root = "";
  const cards = () => slack.messages("agents", root).filter(({ ts }) => ts !== root);
  const seen = () =>
    cards()
      .map(({ words: it }) => it)
      .join("\n---\n");
  const find = async () => (await sessions()).find(({ threads }) => threads[0]?.thread === root);
  const press = async (by: string, label: string): Promise<boolean> => {
    const has = ({ buttons }: Seen) => buttons.includes(label);
    await sees(
      () => cards().some(has),
      () => `the button "${label}", but saw:\n${seen()}`,
    );
    const card = cards().findLast(has);
    if (card !== undefined && (await slack.person(by).clicks(card, label)).acked) return true;
    await wait(AGAIN_MS);
    return false;
  };
  return {
    ...{ slack, cards, reads, goOn },
    person: slack.person,
    asks: async (by, text) => {
      root = (await slack.person(by).says("agents", text)).ts;
    },
    says: async (by, text) => {
      await step();
      await slack.person(by).says("agents", text, { thread: root });
    },
    sees: async (part) => {
      const says = ({ words: it }: Seen) => it.includes(part);
      await sees(
        () => cards().some(says),
        () => `"${part}", but saw:\n${seen()}`,
      );
      const found = cards().findLast(says);
      if (!found) throw new Error(`"${part}" is gone again`);
      return found;
    },
    presses: async (by, label) => {
      await step();
      await sees(
        () => press(by, label),
        () => `"${label}" to be acknowledged, but saw:\n${seen()}`,
      );
    },
    opens: async (by, label) => {
      await step();
      const person = slack.person(by);
      let pressedAt = 0;
      await sees(
        async () => {
          if (person.dialog() !== null) return true;
          if (Date.now() - pressedAt < PATIENT_MS) return false;
          await press(by, label);
          pressedAt = Date.now();
          return false;
        },
        () => `the dialog of "${label}"`,
      );
      return person;
    },
    submits: async (by, values) => {
      let sent: Sent = { is: "failed" };
      await sees(
        async () => {
          sent = await slack.person(by).submits(values);
          return sent.is !== "failed";
        },
        () => "the dialog to be taken",
      );
      return sent;
    },
    rests: async (phase) => {
      await sees(
        async () => (await find())?.phase.at === phase,
        async () => `${phase}, but stands in ${JSON.stringify((await find())?.phase)}`,
      );
      await drawn();
      const session = await find();
      if (!session) throw new Error("the session is gone");
      return session;
    },
  };
}

function orderOf(slack: SlackTwin, mode: TwinOptions["mode"], script: Script, pause: Promise<void>): Play {
  const people = Object.entries(ROLES).map(([name, role]) => [`slack:${slack.person(name).id}`, role]);
  const link =
    mode === "socket"
      ? { mode, appToken: slack.tokens.app }
      : { mode, signingSecret: slack.signingSecret, port: 0, path: "/slack/events" };
  return {
    config: {
      slack: { token: slack.tokens.bot, link },
      roles: { everybody: "observer", people: Object.fromEntries(people), channels: {} },
    },
    parts: {
      chats: [],
      slack: { apiUrl: slack.slackApiUrl, fetch: slack.fetch, postSpacingMs: 0 },
      agents: (spawn) => {
        const wait = (ms: number, signal: AbortSignal) =>
          ms === UNTIL_TOLD ? Promise.race([pause, aborted(signal)]) : Promise.resolve();
        const demo = createScripted({ spawn, env: environment(), scripts: [script], wait });
        return new Map([[demo.name, demo]]);
      },
    },
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
