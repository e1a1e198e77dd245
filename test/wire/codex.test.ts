import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CodexOptions, createCodex } from "../../src/agents/codex.ts";
import { estimate } from "../../src/agents/prices.ts";
import type { Answer } from "../../src/core/ask.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import { collect, type On, turn } from "../contract/agent.ts";
import { SERVER_SECRET, SERVERS } from "../contract/mcp.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { starting } from "../fake/start.ts";
import { clock, PATIENT, STALL_MS } from "./clock.ts";

const FAKE = starting("codex.ts");
let place: Place;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.stop());

const codex = (options: CodexOptions = {}) =>
  createCodex({
    command: process.execPath,
    args: FAKE,
    ...options,
    times: { ...PATIENT, ...options.times },
  });
interface Given extends Partial<Desk> {
  faults?: string;
  options?: CodexOptions;
}
/** A turn of Codex, with the faults that it has. */
const play = async (kind: Turn["kind"], words: string, given: Given = {}, on?: On) => {
  const { faults = "", options, ...over } = given;
  const desk = place.desk({ ...over, env: { ...place.env, FAKE: faults, ...over.env } });
  const result = await collect(codex(options), turn(kind, words), desk, on);
  expect(result.of("ended")).toHaveLength(1);
  expect(result.events.at(-1)?.type).toBe("ended");
  expect(place.alive()).toEqual([]);
  return result;
};
const memory = (token: string, fork = false, point: string | null = null) => ({ memory: { token, fork, point } });
interface Line {
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the wire, as it went
  params: any;
  result?: { decision?: string };
}
/** What Codex was told, oldest first. */
const told = async (method?: string): Promise<Line[]> =>
  (await readFile(join(place.home, ".codex", "told.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((line) => method === undefined || line.method === method);
const flags = () => place.orders.at(-1)?.args.join("\n") ?? "";
const saying =
  (answer: Answer): On =>
  (event, run) => {
    if (event.type === "asked") run.answer(event.ask.id, answer);
  };

describe("a plan turn of Codex", () => {
  test("is read-only by its sandbox, and says so each time it is opened and started", async () => {
    const first = await play("plan", "[plan Fix the redirect.]");
    expect(first.outcome).toEqual({ ok: true, answer: "", plan: "## Goal\n\nFix the redirect." });
    await play("plan", "[plan Again.]", memory(first.token));
    await play("plan", "[plan Elsewhere.]", memory(first.token, true, "turn-1"));
    const [start] = await told("thread/start");
    const [resume] = await told("thread/resume");
    const [fork] = await told("thread/fork");
    const turns = await told("turn/start");
    expect(turns).toHaveLength(3);
    for (const { params } of [start, resume, fork, ...turns].flatMap((one) => one ?? [])) {
      expect(params.permissions).toBe("oca");
      // Nobody may let a command out of the sandbox.
      expect(params.approvalPolicy.granular).toMatchObject({ sandbox_approval: false, rules: false });
    }
    for (const { params } of turns) expect(params.collaborationMode.mode).toBe("plan");
    expect(fork?.params.lastTurnId).toBe("turn-1");
    expect(flags()).toMatch(/permissions\.oca\.filesystem=\{":root"="read"[^\n]*\}/);
    expect(flags()).not.toContain('"write"');
  });

  test("sees neither the folders that are closed nor what is secret, and all that it works with", async () => {
    const [data, secret] = [join(place.home, ".."), join(place.home, "..", "outside")];
    await writeFile(join(place.cwd, ".env.local"), "KEY=1");
    await writeFile(join(place.home, "other"), "");
    await play("plan", "[say hello]", { hidden: [data, join(data, "nowhere"), "/proc"] });
    expect(flags()).toContain(`${JSON.stringify(secret)}="deny"`);
    expect(flags()).toContain(`${JSON.stringify(join(place.cwd, ".env.local"))}="deny"`);
    for (const open of [place.cwd, place.home, place.tmp, data, "/proc", join(data, "nowhere")])
      expect(flags()).not.toContain(`${JSON.stringify(open)}="deny"`);
  });

  test("asks nobody: what a tool wants beyond that is refused", async () => {
    const { of, words } = await play("plan", "[mcp canary] [rights] [patch x.txt]");
    expect(of("asked")).toEqual([]);
    expect(words).toContain("It was decline.");
    expect(words).toContain("It got {}.");
    const allowed = await play("plan", "[mcp canary]", { allow: ["mcp:canary"] });
    expect(allowed.words).toContain("It was accept.");
  });

  test("without a plan brings an answer", async () => {
    const { outcome } = await play("plan", "[say It is the port 8080.]");
    expect(outcome).toEqual({ ok: true, answer: "It is the port 8080.", plan: null });
  });

  test.each<[string, string, RegExp]>([
    ["open-sandbox", "sandbox", /dangerFullAccess.*readOnly/],
    ["other-mode", "mode", /default.*plan/],
    ["other-model", "model", /gpt-small.*gpt-5\.5/],
  ])("that runs otherwise than it was told (%s) fails, and both are named", async (faults, what, both) => {
    const { outcome } = await play("plan", "[hang]", { faults, model: "gpt-5.5" });
    expect(outcome).toMatchObject({ ok: false, kind: "failed", error: expect.stringMatching(both) });
    expect(outcome?.ok ? "" : outcome?.error).toContain(what);
  });

  test("ends when another model takes over, if one was asked for", async () => {
    const { outcome } = await play("plan", "[reroute gpt-small] [hang]", { model: "gpt-5.5" });
    expect(outcome).toMatchObject({ ok: false, error: expect.stringMatching(/gpt-small.*gpt-5\.5/) });
  });
});

describe("a write turn of Codex", () => {
  test("asks for what no rule allows, with the command as it was meant", async () => {
    const on = saying({ is: "allowed", scope: "once" });
    const { of } = await play(
      "write",
      "[run npm publish] [run npm test] [run rg -n foo src | head -20]",
      { commands: ["npm test"] },
      on,
    );
    expect(of("asked").map(({ ask }) => ask.what)).toEqual([
      { kind: "permission", tool: "Shell", detail: "npm publish", why: "why not" },
    ]);
    expect((await told()).filter(({ result }) => result?.decision).map(({ result }) => result?.decision)).toEqual(
      Array(3).fill("accept"),
    );
    expect(of("activity").map(({ activity }) => `${activity.title} ${activity.state}`)).toContain("npm publish ok");
  });

  test("a refusal reaches the agent with its reason", async () => {
    const on = saying({ is: "denied", reason: "use the staging registry" });
    const { of } = await play("write", "[run npm publish] [say done]", {}, on);
    expect(of("activity").map(({ activity }) => activity.state)).toContain("failed");
    const [said] = await told("turn/steer");
    expect(said?.params.input[0].text).toBe("Refused: npm publish\nuse the staging registry");
  });

  test("does not commit, even where the plan names it: oca does", async () => {
    const { of } = await play("write", "[run git add -A] [run git commit -m x]", {
      commands: ["git add", "git commit"],
    });
    expect(of("asked")).toEqual([]);
    expect((await told("turn/steer"))[0]?.params.input[0].text).toContain("committed for you");
    expect((await told("thread/start"))[0]?.params.developerInstructions).toContain("Do not stage, commit");
  });

  test("edits inside its workspace are not asked about, others are", async () => {
    const on = saying({ is: "denied", reason: "" });
    const { of } = await play("write", "[patch src/a.ts] [patch /etc/hosts] [patch .git/hooks/pre-commit]", {}, on);
    expect(of("asked").map(({ ask }) => ask.key)).toEqual(["edit /etc/hosts", "edit .git/hooks/pre-commit"]);
  });

  test("questions are put one by one and answered together, an option by its own label", async () => {
    const { of, words } = await play("write", "[ask]", {}, (event, run) => {
      if (event.type !== "asked" || event.ask.what.kind !== "question") return;
      const { text } = event.ask.what;
      run.answer(
        event.ask.id,
        text === "Which colour?"
          ? { is: "picked", labels: ["Red"], text: null }
          : { is: "picked", labels: [], text: "Bob" },
      );
    });
    expect(of("asked")[0]?.ask.what).toMatchObject({
      options: [{ label: "Red", detail: "warm" }, { label: "Blue" }],
      recommended: 0,
      free: true,
    });
    expect(words).toContain("It said Red (Recommended) and Bob.");
  });

  test("what it asks that nobody knows is answered with an error", async () => {
    const { words } = await play("write", "[strange]");
    expect(words).toContain("oca has no answer to item/strange/request");
  });

  test("inside a container its own sandbox is off", async () => {
    await play("write", "[say hello]", { contained: true });
    expect((await told("turn/start"))[0]?.params).toMatchObject({
      permissions: ":danger-full-access",
      approvalPolicy: "untrusted",
    });
  });

  test("tells its steps, and words of helpers are not its own", async () => {
    const { of, words, usage } = await play("write", "[steps] [helper] [say mine]");
    expect(
      of("steps")
        .at(-1)
        ?.steps.map(({ state }) => state),
    ).toEqual(["done", "doing", "open"]);
    expect(words).not.toContain("helper");
    expect(usage?.outputTokens).toBe(100);
  });

  test("never trusts what the branch carries, and looks nothing up", async () => {
    await play("write", "[say hello]", {
      options: { config: { model: "m", default_permissions: ":danger-full-access" } },
    });
    expect(flags()).toContain(`projects={${JSON.stringify(place.cwd)}={trust_level="untrusted"}}`);
    for (const flag of [
      "analytics.enabled=false",
      "check_for_update_on_startup=false",
      "features.hooks=false",
      'web_search="disabled"',
      'model="m"',
    ])
      expect(flags()).toContain(flag);
    // The owner's settings come first, so that none of them opens the sandbox.
    expect(flags()).not.toContain('default_permissions=":danger');
  });

  test("files lie where it can look for them, images go along", async () => {
    const files = [
      { path: "/x/a.png", name: "a.png", mime: "image/png" },
      { path: "/x/b.txt", name: "b.txt", mime: "text/plain" },
    ];
    await play("write", "[say hello]", { files });
    expect((await told("turn/start"))[0]?.params.input).toEqual([
      { type: "text", text: "[say hello]\n\nFiles that came with this:\n- b.txt: /x/b.txt", text_elements: [] },
      { type: "localImage", path: "/x/a.png" },
    ]);
  });

  test("a key of the owner's logs in, and stands in no argument", async () => {
    const env = { OPENAI_API_KEY: "sk-owner" };
    await play("write", "[say hello]", { env });
    expect((await told("account/login/start"))[0]?.params).toEqual({ type: "apiKey", apiKey: "sk-owner" });
    expect(flags()).not.toContain("sk-owner");
  });

  test("its folder for scraps is never above its home", async () => {
    await play("write", "[say hello]", { tmp: join(place.home, "..") });
    expect(place.orders.at(-1)?.env["TMPDIR"]).toBe(join(place.home, "..", "codex-tmp"));
  });
});

describe("words put in", () => {
  const steerAtOnce = (): On => {
    let done = false;
    return (_event, run) => {
      if (!done)
        run.steer?.([
          { message: "m1", text: "mind the gap" },
          { message: "m2", text: "and the step" },
        ]);
      done = true;
    };
  };
  test("are heard when Codex has taken them up", async () => {
    const { of, words } = await play("write", "[wait]", {}, steerAtOnce());
    expect(of("heard").flatMap(({ messages }) => messages)).toContain("m1");
    expect(words).toContain("mind the gap");
  });
  test("accepted is not heard", async () => {
    const { of } = await play("write", "[wait]", { faults: "unheard" }, steerAtOnce());
    expect(of("heard")).toEqual([]);
  });
  test("too late is not heard, and no failure", async () => {
    let late: (() => void) | undefined;
    const { outcome, of } = await play("write", "[say hello]", {}, (event, run) => {
      late ??= () => run.steer?.([{ message: "m9", text: "late" }]);
      if (event.type === "ended") late();
    });
    late?.();
    expect(outcome).toMatchObject({ ok: true });
    expect(of("heard")).toEqual([]);
  });
});

describe("usage", () => {
  test("is what this turn used: three turns alike count alike, and a fork too", async () => {
    const first = await play("write", "[say one]");
    // What was used before is told again, as if it were this turn's.
    const second = await play("write", "[early] [say two]", memory(first.token));
    const third = await play("write", "[say three]", memory(first.token));
    const fork = await play("write", "[say four]", memory(first.token, true));
    for (const { usage } of [first, second, third, fork])
      expect(usage).toMatchObject({ inputTokens: 1000, outputTokens: 100, estimated: true, costUsd: 0.002_05 });
    expect(fork.token).not.toBe(first.token);
  });

  test("prices are per million tokens, cached ones apart; what is not known costs nothing", () => {
    const tokens = { input: 1_000_000, cached: 500_000, output: 100_000 };
    expect(estimate("gpt-6.1-sol", tokens)).toBeCloseTo(1 + 0.05 + 1);
    expect(estimate("openai/gpt-5.4-mini-2026-03-17", tokens)).toBeCloseTo(0.375 + 0.0375 + 0.45);
    expect(estimate("gpt-7", tokens)).toBe(0);
    expect(estimate("gpt-5.5-pro", tokens)).toBe(0);
  });
});

describe("what goes wrong", () => {
  test.each<[string, string, { kind: string; error: RegExp }]>([
    [
      "a key that is not valid",
      "[fail unauthorized bad key]",
      { kind: "auth", error: /bad key\nLog in with: oca agents login codex/ },
    ],
    ["a status that says so", "[fail 401 bad key]", { kind: "auth", error: /login codex/ }],
    ["too many requests", "[fail 429 slow down]", { kind: "limited", error: /slow down/ }],
    ["a model that is overloaded", "[fail serverOverloaded busy]", { kind: "failed", error: /busy/ }],
    ["a refusal", "[fail cyberPolicy no]", { kind: "refused", error: /no/ }],
    ["a budget", "[fail sessionBudgetExceeded spent]", { kind: "budget", error: /spent/ }],
    [
      "an error that is the body of an answer",
      '[fail other {"error":{"message":"bad request x"}}]',
      { kind: "failed", error: /^bad request x$/ },
    ],
    ["words only", "[fail other unexpected status 401 Unauthorized]", { kind: "auth", error: /401/ }],
  ])("%s", async (_name, words, { kind, error }) => {
    const { outcome } = await play("write", words);
    expect(outcome).toMatchObject({ ok: false, kind, error: expect.stringMatching(error) });
  });

  test("a used-up limit says when it starts anew", async () => {
    const at = 1_900_000_000;
    const { outcome } = await play("write", `[limit ${at}] [fail usageLimitExceeded You have hit your limit.]`);
    expect(outcome).toMatchObject({ kind: "limited", resetAt: at * 1000 });
    const words = await play("write", "[fail usageLimitExceeded try again at Nov 22nd, 2030 11:57 AM.]");
    expect(words.outcome).toMatchObject({ kind: "limited", resetAt: new Date(2030, 10, 22, 11, 57).getTime() });
  });

  test.each<[string, string, string]>([
    ["eof", "crashed", "closed its output"],
    ["exits", "crashed", "exit code 0"],
    ["failed-exit-0", "failed", "no"],
    ["dies-at-start", "crashed", "cannot read config.toml"],
  ])("%s is %s", async (faults, kind, error) => {
    // Only its process could still say more.
    const options = faults === "eof" ? { times: { closeMs: 200 } } : {};
    const { outcome } = await play("write", "[say hello]", { faults, options });
    expect(outcome).toMatchObject({ ok: false, kind, error: expect.stringContaining(error) });
  });

  test.each(["two-ends", "completed-exit-1", "late-request", "unknown-kinds", "garbage", "huge-line", "cut-utf8"])(
    "%s changes nothing: the end of the turn counts",
    async (faults) => {
      const { outcome, words, of } = await play("write", "[say hello]", { faults });
      expect(outcome).toEqual({ ok: true, answer: "hello", plan: null });
      expect(of("asked")).toEqual([]);
      if (faults === "cut-utf8") expect(words).toContain("Grüße aus Köln");
    },
  );

  test("a flood of 100 MB leaves no trace", async () => {
    const { outcome, events } = await play("write", "[say hello]", { faults: "flood" });
    expect(outcome).toMatchObject({ ok: true });
    expect(events.length).toBeLessThan(20);
  });

  test("a start that takes too long, and a silence without a tool at work", async () => {
    const slow = await play("write", "[say hello]", {
      faults: "slow-start",
      options: { times: { startMs: 300, closeMs: 100 } },
    });
    expect(slow.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("has not started") });
    const time = clock();
    const options = { times: { stallMs: STALL_MS } };
    const silent = await play("write", "[say hello] [hang]", { options }, time.silentAfter("text"));
    expect(silent.outcome).toMatchObject({ kind: "failed", error: expect.stringContaining("silent") });
    const busy = await play("write", "[tool go] [say hello]", { options }, time.slowly(join(place.cwd, "go")));
    expect(busy.outcome).toMatchObject({ ok: true });
  });

  test("it is stopped: by the protocol, and what it left running is ended", async () => {
    const stop = new AbortController();
    const { outcome } = await play("write", "[say hello] [hang]", { signal: stop.signal }, ({ type }) => {
      if (type === "text") stop.abort();
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect((await told()).map(({ method }) => method).slice(-2)).toEqual([
      "turn/interrupt",
      "thread/backgroundTerminals/clean",
    ]);
  });

  test("it is deaf: after a while its process is ended, with force if need be", async () => {
    const stop = new AbortController();
    const since = performance.now();
    const given = { signal: stop.signal, faults: "deaf", options: { times: { interruptMs: 300, closeMs: 100 } } };
    const { outcome } = await play("write", "[say hello] [hang]", given, ({ type }) => {
      if (type === "text") stop.abort();
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    // 300 ms, then SIGTERM, which it ignores; SIGKILL 2 s later.
    expect(performance.now() - since).toBeGreaterThan(2300);
  });

  test("a conversation that is gone is said, and no other one begins", async () => {
    const { outcome } = await play("write", "[say hello]", memory("nobody"));
    expect(outcome).toMatchObject({ ok: false, kind: "forgotten", error: expect.stringContaining("no rollout found") });
    expect(await told("thread/start")).toEqual([]);
  });

  test("a connection that is tried again is shown", async () => {
    const { of } = await play("write", "[retry] [say hello]");
    expect(of("activity")[0]?.activity).toMatchObject({ kind: "note", title: "Reconnecting... 1/5" });
  });
});

test("MCP servers are told by settings, and their secrets by variables", async () => {
  await play("write", "[say hello]", { mcp: SERVERS });
  expect(flags()).toContain('mcp_servers.tracker.command="tracker-mcp"');
  expect(flags()).toContain('mcp_servers.tracker.args=["--stdio"]');
  expect(flags()).toContain('mcp_servers.tracker.env_vars=["TRACKER_KEY"]');
  expect(flags()).toContain('mcp_servers.docs.url="https://docs.example/mcp"');
  expect(flags()).toContain('mcp_servers.docs.bearer_token_env_var="DOCS_KEY"');
  expect(flags()).not.toContain(SERVER_SECRET);
  expect(place.orders.at(-1)?.env).toMatchObject({ TRACKER_KEY: SERVER_SECRET, DOCS_KEY: SERVER_SECRET });
});

describe("the probe", () => {
  const probe = (faults: string, options?: CodexOptions, env = {}) =>
    codex(options).probe(place.desk({ env: { ...place.env, FAKE: faults, ...env } }));
  test("knows version and login", async () => {
    expect(await probe("")).toMatchObject({ version: "0.169.0", loggedIn: true, fix: null });
    expect(await probe("logged-out")).toMatchObject({ loggedIn: false, fix: "Log in with: oca agents login codex" });
    expect(await probe("logged-out", {}, { OPENAI_API_KEY: "k" })).toMatchObject({ loggedIn: true, fix: null });
    expect(await probe("logged-out", { config: { model_provider: "x", model: "m" } })).toMatchObject({
      loggedIn: null,
      model: "m",
    });
  });
  test("says how to install it", async () => {
    expect(await probe("", { command: "/nonexistent/codex", args: [] })).toMatchObject({
      version: null,
      fix: expect.stringContaining("npm install"),
    });
  });
});

/** Made by test/agents/record-codex.ts, the version in the first line of each. */
describe("what the real Codex said", async () => {
  const folder = join(import.meta.dirname, "../fixtures", "codex");
  const files = await readdir(folder);
  const replay = async (file: string) => {
    const head = JSON.parse((await readFile(join(folder, file), "utf8")).split("\n")[0] ?? "");
    const stop = new AbortController();
    const given = { faults: `replay:${join(folder, file)}`, model: head.model, signal: stop.signal };
    return play(head.kind, "again", given, (event, run) => {
      if (event.type === "asked" && event.ask.what.kind === "permission")
        run.answer(event.ask.id, { is: "allowed", scope: "once" });
      else if (event.type === "asked") run.answer(event.ask.id, { is: "picked", labels: ["Blue"], text: null });
      if (head.play === "steered" && event.type === "activity")
        run.steer?.([{ message: "m-1", text: "please mind the gap" }]);
      if (head.play === "slow" && event.type === "text") stop.abort();
    });
  };
  const of = (name: string) => files.filter((file) => file.startsWith(`${name}-`));

  test("is at hand for each kind of model", () => {
    expect(files.length).toBeGreaterThan(10);
    expect(of("plan")).toHaveLength(2);
  });
  test.each(of("plan"))("%s: a plan", async (file) => {
    const { outcome, plan, words, usage } = await replay(file);
    expect(outcome).toMatchObject({ ok: true });
    expect(plan).toMatch(/^## Goal/);
    expect(words).toContain("Here it is.");
    expect(usage?.costUsd).toBeGreaterThan(0);
  });
  test.each(of("permission"))("%s: a command is asked about and run", async (file) => {
    const { of, outcome } = await replay(file);
    expect(of("asked")[0]?.ask.what).toMatchObject({ kind: "permission", detail: "touch permitted.txt" });
    expect(of("activity").at(-1)?.activity).toMatchObject({
      kind: "command",
      title: "touch permitted.txt",
      state: "ok",
    });
    expect(outcome).toMatchObject({ ok: true, plan: null });
  });
  test.each(of("question"))("%s: a question", async (file) => {
    const { of, answer } = await replay(file);
    expect(of("asked")[0]?.ask.what).toMatchObject({
      text: "Which colour?",
      options: [{ label: "Red" }, { label: "Blue" }],
    });
    expect(answer).toContain("Blue");
  });
  test.each(of("steered"))("%s: words put in", async (file) => {
    const { of, answer } = await replay(file);
    expect(of("heard")).toEqual([{ type: "heard", messages: ["m-1"] }]);
    expect(answer).toContain("please mind the gap");
  });
  test.each(of("slow"))("%s: a stop", async (file) => {
    expect((await replay(file)).outcome).toMatchObject({ ok: false, kind: "interrupted" });
  });
  test.each(of("limited"))("%s: a limit, and when it ends", async (file) => {
    expect((await replay(file)).outcome).toMatchObject({ ok: false, kind: "limited", resetAt: expect.any(Number) });
  });
  test.each(of("helper"))("%s: a helper's end is not the turn's", async (file) => {
    const { outcome, answer, of } = await replay(file);
    expect(outcome).toMatchObject({ ok: true });
    expect(answer).toContain("It said:");
    expect(of("activity").map(({ activity }) => activity.kind)).toContain("tool");
  });
});
