import { describe, expect, test } from "vitest";
import type { Verb } from "../../src/core/event.ts";
import { type Intent, readIntent, type Scene } from "../../src/core/intent.ts";
import { createWords } from "../../src/view/words.ts";
import { fc } from "../property.ts";

const words = createWords();
const nowhere: Scene = {
  addressed: false,
  offers: null,
  asked: null,
  repos: ["/srv/git/shop", "git@host:acme/web.git", "/a/twin", "/b/twin"],
  agents: ["claude", "codex"],
  hears: "words",
  commands: ["help", "list", "show", "log", "doctor", "stop"],
};
const read = (text: string, scene: Partial<Scene> = {}): Intent => readIntent(text, words, { ...nowhere, ...scene });

const none = { repo: null, base: null, agent: null, plan: null, land: null, isolation: null };
const said = (text: string, scene: Partial<Scene> = {}) => {
  const intent = read(text, scene);
  return intent.is === "request" ? { text: intent.text, ...intent.hints } : intent;
};

describe("a request is addressed", () => {
  test.each([
    ["Let oca fix the auth middleware", "fix the auth middleware"],
    ["let oca: fix it", "fix it"],
    ["Please let oca fix the login", "fix the login"],
    ["Let @oca fix the login", "fix the login"],
    ["Ask oca to rename the table.", "rename the table."],
    ["have oca handle the flaky test", "handle the flaky test"],
    ["Have oca handle\nthe flaky test\nand the slow one", "handle\nthe flaky test\nand the slow one"],
    ["Tell oca to update the docs", "update the docs"],
    ["Let’s have oca update the docs", "update the docs"],
    ["oca, fix the login please", "fix the login please"],
    ["hey oca, fix the login", "fix the login"],
    ["@oca fix the login", "fix the login"],
    ["@oca: fix the login", "fix the login"],
    ["/oca fix the login", "fix the login"],
    ["/oca@oca_bot fix the login", "fix the login"],
    ["Lass oca den Login reparieren", "den Login reparieren"],
    ["Lass mal oca den Login reparieren", "den Login reparieren"],
    ["Lasst oca das machen", "das machen"],
    ["Bitte lass oca den Login reparieren", "den Login reparieren"],
    ["oca soll die Tests reparieren", "die Tests reparieren"],
    ["Bitte oca, räum die Imports auf", "räum die Imports auf"],
    ["oca, räum die Imports auf", "räum die Imports auf"],
  ])("%j asks for %j", (message, text) => expect(said(message)).toEqual({ text, ...none }));

  test.each([
    "oca is great",
    "oca is down again",
    "I let oca fix it yesterday",
    "did oca fix the login?",
    "let oca know that we are late",
    "Let oca be",
    "ask oca about the weather",
    "Have oca and Ben talked?",
    "have oca's tests passed?",
    "locate the local oca file",
    "Lass oca in Ruhe",
    "Lass oca wissen, dass wir warten",
    "lass uns oca fragen",
    "ich glaube, oca soll das nicht",
    "Let ocarina play",
    "lunch?",
    "",
    "  \n ",
  ])("%j is talk between people", (message) => expect(read(message)).toEqual({ is: "talk" }));

  test("in a direct message everything is for oca", () => {
    expect(said("the login is broken", { addressed: true })).toEqual({ text: "the login is broken", ...none });
    expect(read("hello", { addressed: true })).toEqual({ is: "command", name: "help", line: "" });
    expect(read("thanks!", { addressed: true })).toEqual({ is: "talk" });
    expect(read("oca, danke 🙏")).toEqual({ is: "talk" });
  });
});

describe("hints stand at the ends of a request", () => {
  test.each([
    ["let oca fix the cart in shop", { text: "fix the cart", repo: "/srv/git/shop" }],
    ["let oca fix the cart in `Shop`.", { text: "fix the cart", repo: "/srv/git/shop" }],
    ["let oca fix the cart in repo web", { text: "fix the cart", repo: "git@host:acme/web.git" }],
    ["let oca in shop fix the cart", { text: "fix the cart", repo: "/srv/git/shop" }],
    ["@oca in shop: fix the cart", { text: "fix the cart", repo: "/srv/git/shop" }],
    ["let oca fix the cart on main", { text: "fix the cart", base: "main" }],
    ["let oca fix the cart on release/2.1", { text: "fix the cart", base: "release/2.1" }],
    ["let oca fix the cart on `v2-next`", { text: "fix the cart", base: "v2-next" }],
    ["let oca fix the cart with codex", { text: "fix the cart", agent: "codex" }],
    ["let oca fix the cart using Claude", { text: "fix the cart", agent: "claude" }],
    ["let oca fix the cart --plan", { text: "fix the cart", plan: true }],
    ["let oca fix the cart --auto-merge", { text: "fix the cart", land: "merge" }],
    ["let oca fix the cart --manual --plan", { text: "fix the cart", land: "manual", plan: true }],
    ["let oca fix the cart --off", { text: "fix the cart", isolation: "off" }],
    ["/oca --no-plan fix the cart", { text: "fix the cart", plan: false }],
    [
      "let oca fix the cart in shop on main with codex --no-plan",
      { text: "fix the cart", repo: "/srv/git/shop", base: "main", agent: "codex", plan: false },
    ],
    [
      "Lass oca den Korb reparieren, mit codex, in shop, auf main",
      { text: "den Korb reparieren", repo: "/srv/git/shop", base: "main", agent: "codex" },
    ],
    ["Lass oca den Korb reparieren im Repo web", { text: "den Korb reparieren", repo: "git@host:acme/web.git" }],
    ["let oca fix it in /b/twin", { text: "fix it", repo: "/b/twin" }],
  ])("%j", (message, expected) => expect(said(message)).toEqual({ ...none, ...expected }));

  test.each([
    "fix the typo in the login page",
    "fix the crash in parser.ts",
    "fix the bug in `parser`",
    "show the banner on mobile",
    "fix what happens on `submit`",
    "add types on src/app.ts",
    "start on fix/parser.ts",
    "replace moment with luxon",
    "compare with Claude's answer",
    "document the --no-plan flag",
    "write about --planning",
    "fix it in twin",
    "mit Bedacht umbauen",
    "alles auf Anfang",
  ])("%j is prose", (request) => expect(said(`let oca ${request}`)).toEqual({ text: request, ...none }));

  test("hints alone are no request: nothing is taken off", () => {
    expect(said("let oca in shop")).toEqual({ text: "in shop", ...none });
    expect(said("/oca --plan")).toEqual({ text: "--plan", ...none });
  });
});

describe("commands", () => {
  test.each([
    ["/oca", "help", ""],
    ["/oca list", "list", ""],
    [
      "/oca show abcdefgh23 and the whole plan please, everything",
      "show",
      "abcdefgh23 and the whole plan please, everything",
    ],
    ["oca list", "list", ""],
    ["@oca Doctor", "doctor", ""],
    ["oca, log abc", "log", "abc"],
  ])("%j is the command %s", (message, name, line) => expect(read(message)).toEqual({ is: "command", name, line }));

  test.each(["oca list is empty, is that right?", "oca help me understand this", "list", "stop", "oca doctors say no"])(
    "%j is none",
    (message) => expect(read(message)).toEqual({ is: "talk" }),
  );

  test("a decision with more words is no command, unless a slash says so", () => {
    const scene = { addressed: true, offers: ["merge"] as Verb[], commands: ["merge"] };
    expect(read("merge the helpers", scene)).toEqual({ is: "words", text: "merge the helpers" });
    expect(read("@oca merge", scene)).toEqual({ is: "verb", verb: "merge", rest: "" });
    expect(read("/oca merge abcdefgh23", scene)).toEqual({ is: "command", name: "merge", line: "abcdefgh23" });
  });

  test("said to the bot, a long line that starts like one is a request", () => {
    expect(said("help me understand the login", { addressed: true })).toMatchObject({
      text: "help me understand the login",
    });
    expect(read("list", { addressed: true })).toEqual({ is: "command", name: "list", line: "" });
  });
});

describe("a decision is the whole message", () => {
  const deciding: Verb[] = ["approve", "revise", "reject"];
  const reviewing: Verb[] = ["merge", "later", "discard"];
  const paused: Verb[] = ["resume", "discard"];
  const busy: Verb[] = ["stop"];

  test.each<[string, Verb[], Verb]>([
    ["approve", deciding, "approve"],
    ["Approve!", deciding, "approve"],
    ["  APPROVED. ", deciding, "approve"],
    ["approve 👍🎉", deciding, "approve"],
    ["approve, thanks", deciding, "approve"],
    ["Please approve", deciding, "approve"],
    ["oca, approve", deciding, "approve"],
    ["@oca approve", deciding, "approve"],
    ["ok", deciding, "approve"],
    ["yes please", deciding, "approve"],
    ["LGTM", deciding, "approve"],
    ["Freigeben", deciding, "approve"],
    ["ja, bitte", deciding, "approve"],
    ["mach mal", deciding, "approve"],
    ["passt so, danke", deciding, "approve"],
    ["Revise", deciding, "revise"],
    ["überarbeiten", deciding, "revise"],
    ["reject", deciding, "reject"],
    ["ablehnen", deciding, "reject"],
    ["no thanks", deciding, "reject"],
    ["nein", deciding, "reject"],
    ["stop", busy, "stop"],
    ["STOP!!!", busy, "stop"],
    ["please stop", busy, "stop"],
    ["Stopp", busy, "stop"],
    ["hör auf", busy, "stop"],
    ["abbrechen", busy, "stop"],
    ["merge it", reviewing, "merge"],
    ["great, merge it", reviewing, "merge"],
    ["mergen bitte", reviewing, "merge"],
    ["later", reviewing, "later"],
    ["not now", reviewing, "later"],
    ["später", reviewing, "later"],
    ["discard", reviewing, "discard"],
    ["verwerfen", reviewing, "discard"],
    ["resume", paused, "resume"],
    ["weiter", paused, "resume"],
    ["try again", paused, "resume"],
    ["undo", ["undo"], "undo"],
    ["mach das rückgängig", ["undo"], "undo"],
  ])("%j, where %j is offered, means %s", (message, offers, verb) => {
    expect(read(message, { offers })).toEqual({ is: "verb", verb, rest: "" });
  });

  test.each<[string, Verb[]]>([
    ["approve, but rename it", deciding],
    ["approve?", deciding],
    ["do not approve", deciding],
    ["not approved", deciding],
    ["I would approve", deciding],
    ["ok but use zod", deciding],
    ["reject this idea of using Redis", deciding],
    ["stop using moment", busy],
    ["stop?", busy],
    ["merge the two helpers", reviewing],
    ["later on, add tests", reviewing],
    ["ok", reviewing],
    ["yes", reviewing],
    ["continue", reviewing],
    ["undo the change to a.ts", reviewing],
    ["ja, aber ohne Redis", deciding],
    ["nicht freigeben", deciding],
    ["weiter mit den Tests", reviewing],
  ])("%j, where %j is offered, is for the agent", (message, offers) => {
    expect(read(message, { offers })).toEqual({ is: "words", text: message });
  });

  test("an explicit word is a decision even when it is late: the answer says so", () => {
    expect(read("approve", { offers: busy })).toEqual({ is: "verb", verb: "approve", rest: "" });
    expect(read("stop", { offers: null, addressed: true, commands: [] })).toEqual({
      is: "verb",
      verb: "stop",
      rest: "",
    });
  });

  test("revise may say at once what should change", () => {
    expect(read("revise: keep the old route", { offers: deciding })).toEqual({
      is: "verb",
      verb: "revise",
      rest: "keep the old route",
    });
    expect(read("Change the plan, use zod", { offers: deciding })).toEqual({
      is: "verb",
      verb: "revise",
      rest: "use zod",
    });
    expect(read("revised the wording", { offers: deciding })).toEqual({ is: "words", text: "revised the wording" });
    expect(read("revise the docs", { offers: reviewing })).toEqual({ is: "words", text: "revise the docs" });
  });

  test.each(["thanks!", "Danke 🙏", "perfect, thank you", "👍", "super"])("%j asks for nothing", (message) => {
    expect(read(message, { offers: reviewing })).toEqual({ is: "talk" });
  });
});

describe("while a question stands open", () => {
  test("short words are its answer, not a decision", () => {
    for (const text of ["merge", "yes", "nein", "later"])
      expect(read(text, { offers: ["stop"], asked: "question" })).toEqual({ is: "words", text });
    expect(read("stop", { offers: ["stop"], asked: "question" })).toEqual({ is: "verb", verb: "stop", rest: "" });
  });

  test.each([
    ["once", 0],
    ["erlauben, bitte", 0],
    ["this session", 1],
    ["deny", 2],
    ["nein", 2],
  ])("a permission is given or refused with %j", (text, option) => {
    expect(read(text, { offers: ["stop"], asked: "permission" })).toEqual({ is: "permit", option });
  });
});

describe("people among themselves", () => {
  test.each(["@ben can you look?", "<@U123> approve this please", "@ben approve"])("%j is theirs", (message) => {
    expect(read(message, { offers: ["approve"] })).toEqual({ is: "talk" });
  });

  test("with oca mentioned as well, it is meant too", () => {
    expect(read("@ben and I want zod", { offers: ["stop"], addressed: true })).toEqual({
      is: "words",
      text: "@ben and I want zod",
    });
    expect(read("also the tests", { offers: ["stop"] })).toEqual({ is: "words", text: "also the tests" });
  });
});

describe("where only mentions count", () => {
  test("words alone start nothing, and work goes on as anywhere", () => {
    const there = { hears: "mentions" as const };
    expect(read("Let oca fix the login", there)).toEqual({ is: "talk" });
    expect(read("@oca fix the login", there)).toMatchObject({ is: "request", text: "fix the login" });
    expect(read("/oca fix the login", there)).toMatchObject({ is: "request", text: "fix the login" });
    expect(read("also the tests", { ...there, offers: ["stop"] })).toEqual({ is: "words", text: "also the tests" });
    expect(read("approve", { ...there, offers: ["approve"] })).toEqual({ is: "verb", verb: "approve", rest: "" });
  });
});

const scene: fc.Arbitrary<Scene> = fc.record({
  addressed: fc.boolean(),
  offers: fc.option(
    fc.subarray<Verb>(["approve", "revise", "reject", "stop", "merge", "later", "discard", "undo", "resume"]),
  ),
  asked: fc.constantFrom(null, "permission" as const, "question" as const),
  repos: fc.constant(nowhere.repos),
  agents: fc.constant(nowhere.agents),
  hears: fc.constantFrom("words" as const, "mentions" as const),
  commands: fc.constant(nowhere.commands),
});
const pieces = [
  ...words.start,
  ...words.polite,
  ...words.thanks,
  ...Object.values(words.say).flat(),
  "oca",
  "in",
  "shop",
  "on",
  "main",
  "--plan",
  ",",
  "?",
  "\n",
  "👍",
  "@ben",
];
const message = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "grapheme" })), { maxLength: 12 })
    .map((all) => all.join(" ")),
);

test("whatever is said is understood as something, and nothing is made up", () => {
  fc.assert(
    fc.property(message, scene, (text, around) => {
      const intent = readIntent(text, words, around);
      if (intent.is === "request") expect(intent.text.trim()).not.toBe("");
      if (intent.is === "request" || intent.is === "words") expect(text).toContain(intent.text);
      if (intent.is === "command") expect([...around.commands, "help"]).toContain(intent.name);
      if (around.offers === null) expect(intent.is).not.toBe("words");
      if (!around.addressed && around.offers === null && !/oca/i.test(text)) expect(intent).toEqual({ is: "talk" });
    }),
    { numRuns: 2000 },
  );
});

test("a decision never hides inside other words", () => {
  const plain = fc.string({ unit: fc.constantFrom(..."bdfgkqvwxz"), minLength: 4, maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(words.say).flat()), plain, fc.boolean(), (phrase, other, before) => {
      const text = before ? `${other} ${phrase}` : `${phrase} ${other}`;
      const intent = read(text, { offers: ["merge", "discard", "approve", "stop"] });
      expect(intent).toEqual({ is: "words", text });
    }),
  );
});

test("a very long message is read in time that grows with its length only", () => {
  const time = (size: number) => {
    const text = `let oca ${"in shop, ok ".repeat(size)}${"a".repeat(size * 10)} ${" ".repeat(size)}x`;
    const start = performance.now();
    read(text, { offers: ["approve", "revise"] });
    return performance.now() - start;
  };
  time(100);
  expect(time(20_000)).toBeLessThan(2000);
});
