import { expect, test } from "vitest";
import { ACTION_BYTES, action, readAction } from "../../src/core/action.ts";
import type { What } from "../../src/core/ask.ts";
import { Verb } from "../../src/core/event.ts";
import type { Vote } from "../../src/core/parts.ts";
import type { Phase } from "../../src/core/phase.ts";
import type { Session } from "../../src/core/session.ts";
import type { View } from "../../src/core/view.ts";
import { card } from "../../src/view/card.ts";
import { living } from "../../src/view/living.ts";
import { folded, settled } from "../../src/view/settled.ts";
import { summary } from "../../src/view/summary.ts";
import { fc } from "../property.ts";
import { ana, ben, de, en, live, NOW, preparing, running, seen, session } from "./made.ts";

const nasty = fc.constantFrom(
  "<!channel> <@U1>",
  "@here",
  "$t(button.stop)",
  "{{title}} {{- x}}",
  "a\nb\r\nc\u2028d",
  "`".repeat(9),
  "\u202eabc\u0000",
  "👩‍👩‍👧‍👦".repeat(60),
  "",
  " ",
  "x".repeat(5000),
);
const text = fc.oneof(nasty, fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
const texts = fc.array(text, { maxLength: 5 });
const count = fc.nat({ max: 50 });
const maybe = <X>(arbitrary: fc.Arbitrary<X>) => fc.option(arbitrary);

const what: fc.Arbitrary<What> = fc.oneof(
  fc.record({ kind: fc.constant("permission" as const), tool: text, detail: text, why: text }),
  fc.record({
    kind: fc.constant("question" as const),
    text,
    options: fc.array(fc.record({ label: text, detail: text }), { maxLength: 12 }),
    multi: fc.boolean(),
    free: fc.boolean(),
    recommended: maybe(fc.nat({ max: 12 })),
  }),
  fc.record({ kind: fc.constant("repo" as const), repos: texts, base: maybe(text), policies: fc.constant({}) }),
  fc.record({ kind: fc.constant("policy" as const), repo: text }),
  fc.record({ kind: fc.constant("diverged" as const), local: text, remote: text }),
  fc.record({ kind: fc.constant("setup" as const), command: text, because: text }),
  fc.record({ kind: fc.constant("setup_failed" as const), command: text, log: text }),
  fc.record({ kind: fc.constant("forgotten" as const), agent: text, error: text }),
);
const ask = fc.record({
  id: fc.stringMatching(/^[a-z0-9]{1,12}$/),
  key: text,
  what,
  picked: fc.array(count, { maxLength: 3 }),
  dueAt: maybe(fc.nat()),
});
const files = fc.array(fc.record({ path: text, added: count, removed: count }), { maxLength: 20 });
const changes = fc.record({
  head: text,
  commits: count,
  files,
  behind: count,
  conflicts: texts,
  released: fc.boolean(),
  notKept: texts,
  onto: text,
  edits: maybe(fc.record({ checkout: text, count, inTheWay: texts })),
  doubts: fc.array(
    fc.record({ why: fc.constantFrom("planning" as const, "secret" as const, "check" as const), path: text }),
  ),
  candidate: maybe(text),
  others: fc.array(fc.record({ by: text, commits: count }), { maxLength: 7 }),
});
const block = maybe(
  fc.oneof(
    fc.record({ why: fc.constant("conflict" as const), files: texts }),
    fc.record({ why: fc.constant("overlap" as const), checkout: text, files: texts }),
    fc.record({ why: fc.constant("locked" as const), file: text, ageMs: fc.nat() }),
    fc.record({ why: fc.constant("moving" as const) }),
    fc.record({ why: fc.constant("moved_on" as const) }),
    fc.record({ why: fc.constant("failed" as const), error: text }),
  ),
);
const moved = maybe(fc.record({ commits: count, named: texts }));
const outcome = fc.record({
  ok: fc.constant(false as const),
  kind: fc.constantFrom(
    "interrupted" as const,
    "refused" as const,
    "auth" as const,
    "limited" as const,
    "budget" as const,
    "crashed" as const,
    "failed" as const,
  ),
  error: text,
  resetAt: maybe(fc.nat()),
});
const closing = fc.constantFrom(
  "merged" as const,
  "released" as const,
  "dismissed" as const,
  "no_change" as const,
  "answered" as const,
  "rejected" as const,
);
const offer = fc.nat();

const phase: fc.Arbitrary<Phase> = fc.oneof(
  fc.constant(preparing),
  fc.record({ asks: fc.array(ask, { maxLength: 3 }), moved }).map((change) => running("write", change)),
  fc.record({
    at: fc.constant("inspecting" as const),
    work: offer,
    answer: text,
    empty: fc.constant("answered" as const),
    blocked: block,
  }),
  fc.record({
    at: fc.constant("asking" as const),
    offer,
    asks: fc.array(ask, { minLength: 1, maxLength: 3 }),
    next: fc.constant(preparing),
  }),
  fc.record({
    at: fc.constant("deciding" as const),
    offer,
    votes: fc.constant<Vote[]>([]),
    moved,
    remindAt: fc.constant(null),
  }),
  fc.record({
    at: fc.constant("reviewing" as const),
    offer,
    answer: text,
    changes,
    blocked: block,
    votes: fc.constant<Vote[]>([]),
    remindAt: maybe(fc.nat()),
  }),
  fc.record({
    at: fc.constant("paused" as const),
    offer,
    why: fc.record({ why: fc.constant("failed" as const), outcome }),
    retry: fc.constant(preparing),
    files: count,
    resumeAt: maybe(fc.nat()),
  }),
  fc.record({
    at: fc.constant("closed" as const),
    offer,
    outcome: closing,
    answer: text,
    blocked: block,
    since: fc.nat(),
  }),
);

const anySession: fc.Arbitrary<Session> = fc
  .record({
    phase,
    title: text,
    agent: text,
    name: text,
    request: text,
    repo: text,
    target: maybe(text),
    base: maybe(text),
    markdown: fc.array(text, { maxLength: 3 }),
    steps: texts,
    words: texts,
  })
  .map(({ phase: at, title, agent, name, request, repo, target, base, markdown, steps, words }) => {
    const { workspace } = session(preparing);
    return session(at, {
      title,
      agent,
      request,
      requester: { ...ana, name },
      workspace: workspace && { ...workspace, repo, target, base },
      plans: markdown.map((body, i) => ({
        version: i + 1,
        digest: `${i}`,
        markdown: body,
        steps,
        files: words,
        commands: steps,
        baseCommit: null,
      })),
      decided: [{ key: "1", verb: "revise", by: ben, at: NOW, answer: request }],
      queue: words.map((word, i) => ({ id: `${i}`, by: ben, text: word, files: [], vote: false, at: NOW })),
    });
  });

const LINE_BREAK = /[\n\r\u2028\u2029]/;
const CONTROL = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

function check(view: View, allowed: readonly string[]): void {
  expect(view.head.trim()).not.toBe("");
  expect(view.head).not.toMatch(LINE_BREAK);
  expect(view.title).not.toMatch(LINE_BREAK);
  expect(view.mentions.every(({ id }) => allowed.includes(id))).toBe(true);
  for (const { label, does } of view.buttons) {
    expect(label.length).toBeLessThanOrEqual(75);
    expect(label).not.toMatch(LINE_BREAK);
    expect(label.trim()).not.toBe("");
    if ("action" in does) expect(readAction(does.action)).not.toBeNull();
    if ("action" in does) expect(Buffer.byteLength(does.action)).toBeLessThanOrEqual(ACTION_BYTES);
  }
  for (const part of view.parts) {
    if (part.kind === "line") expect(part.text).not.toMatch(LINE_BREAK);
    // Platforms refuse empty texts.
    if (part.kind === "line" || part.kind === "code") expect(part.text.trim()).not.toBe("");
    if (part.kind === "steps") for (const { title } of part.steps) expect(title.trim()).not.toBe("");
    if (part.kind === "files") for (const { path } of part.files) expect(path.trim()).not.toBe("");
    if (part.kind === "markdown") expect(part.markdown.trim()).not.toBe("");
    if (part.kind === "markdown") expect(part.markdown).not.toMatch(CONTROL);
  }
}

test("whatever is said or done, every card holds together", () => {
  fc.assert(
    fc.property(anySession, texts, fc.constantFrom(en, de), (s, titles, t) => {
      const look = seen({
        mentions: [ben],
        live: live({
          lastAt: 0,
          steps: titles.map((title) => ({ title, state: "open" as const })),
          activities: titles.map((title, i) => ({ id: `${i}`, kind: "tool" as const, title, state: "open" as const })),
        }),
      });
      const views = [living(s, look, t), summary(s, look, t)];
      const decision = card(s, look, t);
      if (decision) views.push(decision, settled(decision, { s, court: "offer:1", timezone: "UTC" }, t));
      for (const view of views) check(view, [ana.id, ben.id]);
      for (const view of views) check(folded(view, t), []);
    }),
    { numRuns: 300 },
  );
});

test("words that look like keys and placeholders stay what they are", () => {
  const s = session(preparing, { title: "$t(button.stop) {{title}} <b>&amp;</b>" });
  expect(living(s, seen(), en).head).toBe("Getting ready: $t(button.stop) {{title}} <b>&amp;</b>");
});

test("the longest button fits Telegram's 64 bytes", () => {
  const longest = Verb.options.toSorted((a, b) => b.length - a.length)[0] ?? "approve";
  const bytes = Buffer.byteLength(action(longest, "a".repeat(16), "9".repeat(32)));
  expect(bytes).toBeLessThanOrEqual(ACTION_BYTES);
});
