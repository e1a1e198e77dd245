import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createScripted } from "./agents/scripted.ts";
import { createText, type TextChat } from "./chat/text/index.ts";
import { type Config, loadConfig } from "./config.ts";
import { readAction } from "./core/action.ts";
import type { Verb } from "./core/event.ts";
import type { Person } from "./core/parts.ts";
import type { Button, View } from "./core/view.ts";
import { DEMO_PEOPLE, makeSample } from "./demo.ts";
import { createLog } from "./log.ts";
import { createOca, type Oca, type Parts } from "./main.ts";
import { createHostSpawn } from "./sandbox/host.ts";
import { type Terminal, untilTold } from "./start.ts";
import { asText } from "./view/text.ts";

/** How long one step of the demo's story may take. */
const PATIENCE_MS = 60_000;

/** Serves the web chat over a sample repository until it is told to end. Everything lies in a temporary folder. */
export async function demo({ t, say, port }: Terminal & { port: number | null }): Promise<void> {
  const told = untilTold();
  await inSample(async (config, root) => {
    const web = { port: port ?? (config.web === "off" ? 0 : config.web.port), people: {} };
    const oca = await open(
      { ...config, web, slack: null },
      { demo: DEMO_PEOPLE.map(({ user, name }) => ({ user, name })) },
    );
    try {
      const [first] = DEMO_PEOPLE;
      say(t("cli:demo.hello"));
      say(t("cli:demo.repo", { path: root }));
      say(t("cli:demo.people", { people: cast() }));
      if (oca.web && first) say(`\n${t("cli:start.open", { link: await oca.web.enter(first) })}\n`);
      say(t("cli:demo.try"));
      say(t("cli:demo.stop"));
      await told;
    } finally {
      await oca.stop();
    }
  });
}

/** Plays a whole story without a person and prints its thread. Rejects when it does not end in a merged commit. */
export async function playDemo({ t, say }: Terminal): Promise<void> {
  await inSample(async (config) => {
    const chat = createText({
      name: "web",
      show: ({ by, text, view }, how) => {
        if (by) say(`\n${by.name}: ${text}`);
        else if (view && how === "new") say(`\n${asCard(view)}`);
      },
      whisper: ({ name }, view) => say(t("cli:demo.whisper", { name, text: asText(view).replace(/\s*\n\s*/g, " ") })),
    });
    say(t("cli:demo.hello"));
    say(t("cli:demo.people", { people: cast() }));
    const oca = await open(
      { ...config, web: "off", slack: null },
      { chats: [chat], demo: DEMO_PEOPLE.map(({ user, name }) => ({ user, name })) },
    );
    try {
      await story(chat, (by, button) => say(`\n${t("cli:demo.presses", { name: by.name, button: button.label })}`));
      const [session] = await oca.store.all();
      await oca.screen.idle();
      const landed = session?.landed.at(-1);
      if (session?.phase.at !== "closed" || !landed) throw new Error("the story did not end in a merge");
      const card = chat.lines.find(({ view }) => view?.mood === "done");
      if (card?.view) say(`\n${asCard(card.view)}`);
      say(`\n${t("cli:demo.merged", { commit: landed.aim.commit })}`);
    } finally {
      await oca.stop();
    }
  });
}

const asCard = (view: View): string => `oca: ${asText(view).replace(/\n/g, "\n     ")}`;

const cast = (): string => DEMO_PEOPLE.map(({ name, role }) => `${name} (${role})`).join(", ");

/** Request, plan, revision, approval, question, work, review, merge: each by who may do it, and one by who may not. */
async function story(chat: TextChat, tell: (by: Person, button: Button) => void): Promise<void> {
  const press = async (by: Person, verb: Verb): Promise<void> => {
    const shown = chat.lines.toReversed().flatMap(({ view }) => view?.buttons ?? []);
    const button = shown.find((one) => does(one) === verb);
    if (!button) throw new Error(`no card offers ${verb}`);
    tell(by, button);
    await chat.press(by, (one) => one === button);
  };
  const thread = await chat.say(who("Cleo"), "Let oca ask a question, then add a line to hello.txt");
  await offers(chat, "approve");
  await chat.say(who("Cleo"), "Keep the new line short, please.", thread);
  await offers(chat, "approve", "v2");
  await press(who("Cleo"), "approve");
  await press(who("Ben"), "approve");
  await offers(chat, "answer");
  await press(who("Cleo"), "answer");
  await offers(chat, "merge");
  await press(who("Ana"), "merge");
  await offers(chat, "undo");
}

/** Waits for a card that offers this. */
async function offers(chat: TextChat, verb: Verb, head = ""): Promise<View> {
  const over = new AbortController();
  // A timer of its own: the one of AbortSignal.timeout does not keep the process alive to tell what went wrong.
  const timer = setTimeout(() => over.abort(new Error(`the story stands still: no card offers ${verb}`)), PATIENCE_MS);
  try {
    const fits = (view: View) => view.head.includes(head) && view.buttons.some((button) => does(button) === verb);
    return await chat.sees(fits, over.signal);
  } finally {
    clearTimeout(timer);
  }
}

const does = ({ does }: Button): Verb | null => ("action" in does ? (readAction(does.action)?.verb ?? null) : null);

function who(name: string): Person {
  const found = DEMO_PEOPLE.find((one) => one.name === name);
  if (!found) throw new Error(`nobody in the demo is called ${name}`);
  const { id, user } = found;
  return { id, chat: "web", user, name };
}

const open = (config: Config, parts: Partial<Parts>): Promise<Oca> =>
  createOca(config, {
    log: createLog({ level: config.log }),
    agents: (spawn) => new Map([["demo", createScripted({ spawn, env: config.env })]]),
    ...parts,
  });

/** Gives the configuration of a demo in a folder of its own, and takes the folder away again. */
async function inSample(use: (config: Config, root: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "oca-demo-"));
  try {
    const config = await loadConfig({ cwd: folder });
    const root = join(folder, "sample");
    await makeSample(root, { spawn: createHostSpawn(), env: config.env });
    const people = Object.fromEntries(DEMO_PEOPLE.map(({ id, role }) => [id, role]));
    const sample: Config = {
      ...config,
      data: join(folder, "data"),
      repos: {
        sample: { name: "sample", root, base: null, setup: null, checks: [], copy: [], commands: [], policy: {} },
      },
      roles: { everybody: "observer", people, channels: {} },
    };
    await use(sample, root);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
