import { formView } from "../../../src/chat/slack/dialog.ts";
import { homeView } from "../../../src/chat/slack/home.ts";
import { type Features, PLAIN, render } from "../../../src/chat/slack/render.ts";
import { commands } from "../../../src/commands/list.ts";
import type { What } from "../../../src/core/ask.ts";
import type { Changes } from "../../../src/core/parts.ts";
import type { Phase } from "../../../src/core/phase.ts";
import type { Session } from "../../../src/core/session.ts";
import type { View } from "../../../src/core/view.ts";
import { board } from "../../../src/view/board.ts";
import { card } from "../../../src/view/card.ts";
import { joining } from "../../../src/view/channel.ts";
import { gone } from "../../../src/view/gone.ts";
import { help } from "../../../src/view/help.ts";
import type { T } from "../../../src/view/i18n.ts";
import { which } from "../../../src/view/listing.ts";
import { living } from "../../../src/view/living.ts";
import { refusal } from "../../../src/view/refusal.ts";
import { folded, settled } from "../../../src/view/settled.ts";
import { slackWords } from "../../../src/view/slack.ts";
import { CHANGES } from "../../core/life.ts";
import { NEW_BLOCKS } from "../../twin/slack/kit/block.ts";
import {
  ana,
  ben,
  de,
  en,
  live,
  MINUTE,
  NOW,
  plan,
  preparing,
  running,
  seen,
  session,
  usage,
} from "../../view/made.ts";

const WORKSPACES: Record<string, { features: Features; lacks: ReadonlySet<string> }> = {
  new: { features: { plan: true, table: true, container: true }, lacks: new Set() },
  old: { features: PLAIN, lacks: new Set(NEW_BLOCKS) },
};

const EVIL = "<!channel> <@U0TWIN0001> @here <!subteam^S1> <https://evil.example|click> &lt;!here&gt;";
const RTL = "אנא תקן את ההתחברות \u202eabc\u0000 👩‍👩‍👧‍👦🏳️‍🌈 مرحبا";
const STEPS = ["Keep the path", "Add a test", "Say so in the docs"];
/** 40,000 characters. */
const ENDLESS = `# Plan\n\n${"A step that says what it does, **why**, and `where`.\n\n".repeat(800)}`.slice(0, 40_000);

const deciding: Phase = { at: "deciding", offer: 4, votes: [], moved: null, remindAt: null };
const changes: Changes = {
  ...CHANGES,
  files: Array.from({ length: 14 }, (_, n) => ({ path: `src/login/${n}.ts`, added: n, removed: 2 * n })),
  candidate: "c1",
};
const reviewing = (change: Partial<Changes> = {}, remindAt: number | null = null): Phase => ({
  ...{ at: "reviewing", offer: 5, blocked: null, votes: [], remindAt },
  answer: "The redirect keeps the **path**.\n\n- one\n- two",
  changes: { ...changes, ...change },
});
const paused = (why: Extract<Phase, { at: "paused" }>["why"]): Phase => ({
  ...{ at: "paused", offer: 4, retry: preparing, resumeAt: null, files: 3 },
  why,
});
const closed = (outcome: "answered" | "merged" | "rejected"): Phase => ({
  ...{ at: "closed", offer: 6, blocked: null, since: NOW },
  answer: "It is *one* thing.",
  outcome,
});
const asks = (...whats: What[]): Session =>
  session(
    running("write", {
      asks: whats.map((what, n) => ({ id: `a${n + 1}`, key: `k${n}`, what, picked: n === 0 ? [1] : [], dueAt: null })),
    }),
  );
const question = (change: Partial<Extract<What, { kind: "question" }>>): What => ({
  kind: "question",
  text: "Which database?",
  options: ["Postgres", "SQLite", "A file"].map((label) => ({ label, detail: `${label}, as everybody does` })),
  multi: false,
  free: true,
  recommended: 0,
  ...change,
});
const permission: What = { kind: "permission", tool: "Bash", detail: "npm install left-pad", why: "It is not there." };
const busy = seen({
  live: live({
    steps: STEPS.map((title, n) => ({ title, state: n === 0 ? "done" : n === 1 ? "doing" : "open" })),
    activities: [{ id: "1", kind: "command", title: "npm test", state: "open" }],
    lastAt: NOW - 4 * MINUTE,
    usage: usage(2, 0.07),
  }),
});
const planned = (markdown?: string): Session =>
  session(deciding, { plans: [plan(1, STEPS, markdown)], usage: usage(4, 0.12) });

/** The cards that a session shows in its thread: what a person decides, and how it goes. */
const both = (s: Session, t: T, look = seen()): View[] =>
  [card(s, look, t), living(s, look, t)].filter((it) => it !== null);

/** From the first word to the merge, with what may come between. */
export const STORY: Record<string, (t: T) => View[]> = {
  "a channel is joined": (t) => [joining(["/srv/git/shop", "git@host:acme/web.git"], t)],
  heard: (t) => [
    living(session(preparing), seen(), t),
    living(session(preparing), seen({ waits: { for: "slot", place: 2 } }), t),
    living(session(preparing), seen({ waits: { for: "checkout", place: 1, behind: EVIL } }), t),
  ],
  planning: (t) => [living(session(running("plan")), busy, t)],
  "a plan": (t) => both(planned(), t, seen({ mentions: [ben] })),
  "a plan of 40,000 characters": (t) => both(planned(ENDLESS), t),
  "a plan that calls everybody": (t) => both(planned(`${EVIL}\n\n1. ${EVIL}\n\n\`\`\`\n${EVIL}\n\`\`\``), t),
  "a plan from right to left, with emoji": (t) =>
    both(planned(`${RTL}\n\n| ${RTL} | b |\n|---|---|\n| 1 | ${RTL} |`), t),
  "a revised plan": (t) => {
    const s = session(deciding, {
      plans: [plan(1, STEPS), plan(2, ["Be brief"])],
      decided: [{ key: "4", verb: "revise", by: ben, at: NOW, answer: "> 1. Keep the path\n\nBe brief" }],
    });
    const [old] = both(planned(), t);
    return old ? [settled(old, { s, court: "deciding:4", timezone: "UTC" }, t), folded(old, t), ...both(s, t)] : [];
  },
  working: (t) => [living(session(running("write"), { queue: [] }), busy, t)],
  "a permission": (t) => both(asks(permission), t),
  "a question": (t) => both(asks(question({})), t),
  "a question with several answers": (t) => both(asks(question({ multi: true })), t),
  "a question without options": (t) => both(asks(question({ options: [], recommended: null })), t),
  "several questions": (t) => both(asks(question({ text: EVIL }), permission, question({ text: RTL })), t),
  "a question of its own": (t) =>
    both(asks({ kind: "repo", repos: ["/srv/git/shop", "/srv/git/web"], base: null, policies: {} }), t),
  stopped: (t) => both(session(paused({ why: "stopped", by: ben })), t),
  failed: (t) =>
    (["auth", "limited", "crashed"] as const).flatMap((kind) => {
      const outcome = { ok: false as const, kind, error: `${EVIL}\n${"x".repeat(9000)}`, resetAt: NOW + MINUTE };
      return both(session(paused({ why: "failed", outcome })), t);
    }),
  done: (t) => both(session(reviewing(), { usage: usage(12, 0.4) }), t),
  "done, with conflicts": (t) => both(session(reviewing({ conflicts: ["src/login.ts", EVIL] })), t),
  "put off": (t) => both(session(reviewing({}, NOW + MINUTE)), t),
  merged: (t) => both(session(closed("merged")), t),
  rejected: (t) => both(session(closed("rejected")), t),
  answered: (t) => both(session(closed("answered")), t),
  "a refusal": (t) => [refusal({ refused: "role", needs: "approver", id: "slack:U1" }, null, t)],
  "a thread is gone": (t) => [gone(session(deciding), t)],
  help: (t) => [
    help(
      t,
      commands.map(({ name }) => ({ line: `oca ${name}`, about: "…" })),
      ["stop abcdefgh23"],
    ),
  ],
  "which session": (t) => [
    which(
      { name: "stop", line: "" },
      [session(deciding), planned(EVIL)].map((one) => ({ session: one, seen: seen() })),
      t,
    ),
  ],
};

/** One message, dialog or Home as Slack gets it. */
export interface Shown {
  moment: string;
  workspace: string;
  language: string;
  as: "message" | "dialog" | "home";
  json: object;
  /** Types of blocks that the workspace does not know. */
  lacks: ReadonlySet<string>;
}

/** Every card, dialog and Home of the story, in old and new workspaces and in both languages. */
export function* gallery(): Generator<Shown> {
  for (const [workspace, { features, lacks }] of Object.entries(WORKSPACES))
    for (const t of [en, de])
      for (const [moment, views] of Object.entries(STORY))
        for (const view of views(t))
          yield* shown(view, { features, t, at: { moment, workspace, language: t.locale, lacks } });
  const sessions = [planned(), session(running("write")), session(reviewing()), session(closed("merged"))].map(
    (s, n) => ({ ...s, id: `abcdefgh2${n + 2}` }),
  );
  const sights = new Map(sessions.map(({ id }) => [id, seen()]));
  for (const t of [en, de]) {
    const view = board(sessions, { now: NOW, as: () => ({ ...ana, role: "owner" }), sights, t });
    const json = homeView(view, "https://acme.slack.com/", slackWords(t.locale));
    yield { moment: "the overview", workspace: "any", language: t.locale, as: "home", json, lacks: new Set() };
  }
}

function* shown(
  view: View,
  { features, t, at }: { features: Features; t: T; at: Omit<Shown, "as" | "json"> },
): Generator<Shown> {
  const { text, blocks, files } = render(view, features);
  yield { ...at, as: "message", json: { text, blocks, files: files.map(({ name }) => name) } };
  for (const { form, does } of view.buttons) {
    if (!form) continue;
    const meta = { action: "action" in does ? does.action : "", channel: "C1", thread: null, message: "1.2" };
    yield { ...at, as: "dialog", json: formView(form, meta, slackWords(t.locale)) };
  }
}
