import type { Ask, What } from "../core/ask.ts";
import { Rule } from "../core/policy.ts";
import { asksOf, type Session } from "../core/session.ts";
import type { Button, Document, Form, Part, View } from "../core/view.ts";
import { never } from "../lib/never.ts";
import { plain } from "../lib/text.ts";
import { label as named, oneLine, repoName, titleOf } from "./format.ts";
import type { T } from "./i18n.ts";
import { button, code, face, LABEL, line, markdown, muted, some, warn } from "./part.ts";

type Of<K extends What["kind"]> = Extract<What, { kind: K }>;

interface Body {
  head: string;
  parts: Part[];
  buttons: Button[];
  documents?: Document[];
}

/** The oldest open question or permission; the others are counted and come next. */
export function asking(s: Session, ask: Ask, t: T): View {
  const { head, parts, buttons, documents = [] } = body(s, ask, t);
  const rested = s.phase.at === "asking" && (ask.what.kind === "permission" || ask.what.kind === "question");
  const more = asksOf(s).length - 1;
  const after = some(
    rested && muted(t("ask.rested", { agent: agentOf(s) })),
    more > 0 && muted(t("ask.more", { count: more })),
  );
  return face(s, { head, mood: "waiting", parts: [...parts, ...after], buttons, documents });
}

function body(s: Session, ask: Ask, t: T): Body {
  const { what } = ask;
  switch (what.kind) {
    case "permission":
      return permission(s, ask, { what, t });
    case "question":
      return question(s, ask, { what, t });
    case "repo":
      return repo(s, ask, { what, t });
    case "policy":
      return policy(s, ask, { what, t });
    case "diverged":
      return diverged(s, ask, { what, t });
    case "setup":
      return setup(s, ask, { what, t });
    case "setup_failed":
      return setupFailed(s, ask, { what, t });
    case "forgotten":
      return forgotten(s, ask, { what, t });
    default:
      return never(what);
  }
}

const agentOf = (s: Session): string => oneLine(s.agent, 40);

/** The option with this number, as a button. */
const option = (ask: Ask, index: number | "done" | "text") => ({
  verb: "answer" as const,
  key: `${ask.id}.${index}`,
});

function permission(s: Session, ask: Ask, { what, t }: { what: Of<"permission">; t: T }): Body {
  const reason: Form = {
    ticks: [],
    required: false,
    title: t("ask.denyTitle"),
    label: t("ask.reason"),
    submit: t("ask.denySubmit"),
  };
  return {
    head: t("head.permission", { agent: agentOf(s), title: titleOf(s) }),
    parts: [
      line(t("ask.tool", { tool: oneLine(what.tool, 80) })),
      ...code(what.detail),
      ...some(what.why.trim() !== "" && muted(t("ask.why", { why: oneLine(what.why, 300) }))),
    ],
    buttons: [
      button(s, t("option.once"), { ...option(ask, 0), style: "primary" }),
      button(s, t("option.session"), option(ask, 1)),
      button(s, t("option.deny"), { ...option(ask, 2), style: "danger", form: reason }),
    ],
  };
}

function question(s: Session, ask: Ask, { what, t }: { what: Of<"question">; t: T }): Body {
  const asked = oneLine(what.text, 120);
  const whole = plain(what.text).trim();
  const details = what.options.filter(({ detail }) => detail.trim() !== "");
  const bullets = details.map(({ label, detail }) => `- **${named(label, LABEL)}**: ${oneLine(detail, 300)}`);
  return {
    head: t("head.question", { agent: agentOf(s), question: asked }),
    parts: [
      ...(whole === asked ? [] : markdown(whole)),
      ...markdown(bullets.join("\n")),
      ...some(
        what.multi && muted(t("ask.several")),
        what.free && muted(t(what.options.length > 0 ? "ask.reply" : "ask.replyOnly")),
      ),
    ],
    buttons: [
      ...(what.multi ? ticks(s, ask, { what, t }) : choices(s, ask, { what, t })),
      ...other(s, ask, { what, t }),
    ],
  };
}

const choices = (s: Session, ask: Ask, { what, t }: { what: Of<"question">; t: T }): Button[] =>
  what.options.map(({ label }, index) => {
    const clipped = named(label, LABEL - 20);
    if (index !== what.recommended) return button(s, clipped, option(ask, index));
    return button(s, t("button.recommended", { label: clipped }), { ...option(ask, index), style: "primary" });
  });

function ticks(s: Session, ask: Ask, { what, t }: { what: Of<"question">; t: T }): Button[] {
  const boxes = what.options.map(({ label }, index) => {
    const clipped = named(label, LABEL - 20);
    const text = index === what.recommended ? t("button.recommended", { label: clipped }) : clipped;
    const box = ask.picked.includes(index) ? "☑" : "☐";
    return button(s, `${box} ${text}`, { verb: "pick", key: `${ask.id}.${index}` });
  });
  return [...boxes, button(s, t("button.done"), { ...option(ask, "done"), style: "primary" })];
}

function other(s: Session, ask: Ask, { what, t }: { what: Of<"question">; t: T }): Button[] {
  if (!what.free) return [];
  const form: Form = {
    ticks: [],
    required: true,
    title: t("ask.answerTitle"),
    label: t("ask.answerLabel"),
    submit: t("ask.answerSubmit"),
  };
  const label = t(what.options.length > 0 ? "button.other" : "button.reply");
  return [button(s, label, { ...option(ask, "text"), form })];
}

function repo(s: Session, ask: Ask, { what, t }: { what: Of<"repo">; t: T }): Body {
  // Two repositories of one name are told apart by their whole address.
  const count = (name: string) => what.repos.filter((other) => repoName(other) === name).length;
  return {
    head: t("head.repo", { title: titleOf(s) }),
    parts: [line(t("ask.repo"))],
    buttons: what.repos.map((address, index) => {
      const name = repoName(address);
      return button(s, count(name) > 1 ? tail(address) : name, option(ask, index));
    }),
  };
}

function policy(s: Session, ask: Ask, { what, t }: { what: Of<"policy">; t: T }): Body {
  const repo = repoName(what.repo);
  const bullets = Rule.options.map((rule) => `- **${t(`option.${rule}`)}**: ${t(`reply:policy.is.${rule}`)}`);
  return {
    head: t("head.policy", { title: titleOf(s) }),
    parts: [line(t("ask.policy", { repo })), ...markdown(bullets.join("\n")), muted(t("ask.policyOnce", { repo }))],
    buttons: Rule.options.map((rule, index) => button(s, t(`option.${rule}`), option(ask, index))),
  };
}

/** The end of a long address tells more than its start. */
const tail = (address: string): string => (address.length <= LABEL ? address : `…${address.slice(1 - LABEL)}`);

function diverged(s: Session, ask: Ask, { what, t }: { what: Of<"diverged">; t: T }): Body {
  const name = (ref: string) => oneLine(ref.replace(/^refs\/(heads|remotes)\//, ""), LABEL - 15);
  return {
    head: t("head.diverged", { title: titleOf(s) }),
    parts: [line(t("ask.diverged", { base: name(what.local) }))],
    buttons: [
      button(s, t("option.local", { name: name(what.local) }), option(ask, 0)),
      button(s, t("option.remote", { name: name(what.remote) }), option(ask, 1)),
    ],
  };
}

function setup(s: Session, ask: Ask, { what, t }: { what: Of<"setup">; t: T }): Body {
  return {
    head: t("head.setup", { title: titleOf(s) }),
    parts: [line(t("ask.setup", { because: oneLine(what.because, 120) })), ...code(what.command)],
    buttons: [
      button(s, t("option.accept"), { ...option(ask, 0), style: "primary" }),
      button(s, t("option.decline"), option(ask, 1)),
    ],
  };
}

function setupFailed(s: Session, ask: Ask, { what, t }: { what: Of<"setup_failed">; t: T }): Body {
  return {
    head: t("head.setup_failed", { title: titleOf(s) }),
    parts: [warn(t("ask.setupFailed")), ...code(what.command), ...code(lastLines(what.log), "end")],
    buttons: [
      button(s, t("option.retry"), { ...option(ask, 0), style: "primary" }),
      button(s, t("option.skip"), option(ask, 1)),
      button(s, t("option.stop"), option(ask, 2)),
    ],
    documents: [{ name: "setup.log", mime: "text/plain", text: plain(what.log) }],
  };
}

function forgotten(s: Session, ask: Ask, { what, t }: { what: Of<"forgotten">; t: T }): Body {
  const agent = oneLine(what.agent, 40);
  return {
    head: t("head.forgotten", { title: titleOf(s) }),
    parts: [warn(t("ask.forgotten", { agent })), line(t("ask.fresh")), ...code(what.error, "end")],
    buttons: [
      button(s, t("option.fresh"), { ...option(ask, 0), style: "primary" }),
      button(s, t("option.stop"), option(ask, 1)),
    ],
  };
}

const lastLines = (log: string): string => log.trimEnd().split("\n").slice(-8).join("\n");
