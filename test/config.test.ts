import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Cli } from "../src/agents/custom/schema.ts";
import { Quirks } from "../src/agents/quirks.ts";
import { Settings, Variables } from "../src/config/schema.ts";
import { ConfigError, loadConfig } from "../src/config.ts";
import { distance, nearest } from "../src/lib/nearest.ts";
import { fc } from "./property.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), "oca-config-")));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const load = (env: Record<string, string> = {}) => loadConfig({ cwd, env: { HOME: "/home/ana", ...env } });
const json = (settings: unknown, file = "oca.config.json") => writeFile(join(cwd, file), JSON.stringify(settings));
async function problems(env: Record<string, string> = {}): Promise<readonly string[]> {
  const error = await load(env).then(
    () => new Error("it loaded"),
    (error: unknown) => error,
  );
  if (error instanceof ConfigError) return error.problems;
  throw error;
}

describe("without any setting", () => {
  test("there is a default for everything", async () => {
    const { agentEnv, ...config } = await load({
      PATH: "/bin",
      GITHUB_TOKEN: "secret",
      ANTHROPIC_API_KEY: "sk-1",
      OPENAI_API_KEY: "sk-2",
    });
    expect(agentEnv("claude")).toEqual({ HOME: "/home/ana", PATH: "/bin", ANTHROPIC_API_KEY: "sk-1" });
    expect(config).toEqual({
      data: "/home/ana/.local/state/oca",
      web: { port: 4141, people: {} },
      telegram: { token: null, apiRoot: null, webhook: null, cards: "rich", remember: true },
      transcribe: null,
      github: { url: null, token: "secret" },
      log: "info",
      locale: "en",
      timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      maxSessions: 4,
      repos: {},
      defaults: {
        repo: null,
        agent: null,
        hears: "words",
        cards: "normal",
        policy: {
          plan: "ask",
          land: "ask",
          style: "rebase",
          push: false,
          isolation: "worktree",
          trust: "default",
          votes: 1,
          rule: null,
        },
      },
      slack: null,
      agents: {},
      mcp: [],
      channels: {},
      roles: { everybody: "requester", people: {}, channels: {} },
      env: { HOME: "/home/ana", PATH: "/bin" },
    });
  });

  test.each([
    ["de_DE.UTF-8", "de-DE"],
    ["pt_BR", "pt-BR"],
    ["fr", "fr"],
    ["C.UTF-8", "en"],
    ["POSIX", "en"],
    ["", "en"],
  ])("LANG=%s speaks %s", async (LANG, locale) => {
    expect((await load({ LANG })).locale).toBe(locale);
  });

  test("the data folder follows XDG_STATE_HOME", async () => {
    expect((await load({ XDG_STATE_HOME: "/state" })).data).toBe("/state/oca");
  });
});

describe("GitHub", () => {
  test("a token may have a name of its own, and a server may be one's own", async () => {
    await json({ github: { url: "https://Git.example.org/", token: "HUB" } });
    expect((await load({ HUB: "t", GITHUB_TOKEN: "other" })).github).toEqual({
      url: "https://git.example.org",
      token: "t",
    });
    expect(await problems()).toEqual([
      `${join(cwd, "oca.config.json")}: github.token names HUB, which is not set: set it in the environment or in .env`,
    ]);
  });

  test("without a token gh is asked", async () => {
    expect((await load()).github).toEqual({ url: null, token: null });
  });
});

describe("where settings come from", () => {
  test("the environment wins over .env, and both win over the file", async () => {
    await json({ log: "error", web: { port: 1 } });
    await writeFile(join(cwd, ".env"), "OCA_LOG=warn\nOCA_WEB_PORT=2\nUNRELATED=x\n");
    const config = await load({ OCA_WEB_PORT: "3" });
    expect(config.log).toBe("warn");
    expect(config.web).toEqual({ port: 3, people: {} });
  });

  test("an empty variable is no setting", async () => {
    await writeFile(join(cwd, ".env"), "OCA_LOG=warn\n");
    expect((await load({ OCA_LOG: "" })).log).toBe("info");
  });

  test("OCA_CONFIG names another file, and paths are relative to it", async () => {
    await mkdir(join(cwd, "etc"));
    await json({ log: "warn" });
    await json({ data: "state", repos: { shop: { root: "../shop" } } }, "etc/oca.json");
    const config = await load({ OCA_CONFIG: "etc/oca.json" });
    expect(config.log).toBe("info");
    expect(config.data).toBe(join(cwd, "etc/state"));
    expect(config.repos).toMatchObject({ shop: { root: join(cwd, "shop") } });
  });

  test("the file may lie in the data folder", async () => {
    await json({ maxSessions: 7 });
    await mkdir(join(cwd, "work"));
    const config = await loadConfig({ cwd: join(cwd, "work"), env: { OCA_DATA: ".." } });
    expect(config).toMatchObject({ data: cwd, maxSessions: 7 });
  });

  test("~ is the home folder", async () => {
    await json({ repos: { shop: { root: "~/shop" } } });
    expect((await load()).repos).toMatchObject({ shop: { root: "/home/ana/shop" } });
  });

  test("a channel has what it says, and the defaults for the rest", async () => {
    await json({
      repos: { shop: { root: "shop" }, blog: { root: "blog" } },
      defaults: { repo: "shop", cards: "quiet", policy: { style: "squash", votes: 2 } },
      channels: {
        "web:general": {
          repo: "blog",
          hears: "mentions",
          policy: { votes: 1 },
          roles: { people: { "web:ben": "merger" } },
        },
      },
    });
    const config = await load();
    expect(config.channels["web:general"]).toEqual({
      repo: "blog",
      agent: null,
      locale: "en",
      hears: "mentions",
      cards: "quiet",
      digest: null,
      policy: {
        plan: "ask",
        land: "ask",
        style: "squash",
        push: false,
        isolation: "worktree",
        trust: "default",
        votes: 1,
        rule: null,
      },
    });
    expect(config.roles.channels).toEqual({ "web:general": { people: { "web:ben": "merger" } } });
  });
});

describe("what is wrong is said, all at once", () => {
  test("with place, value and way out", async () => {
    await json({
      maxSesions: 3,
      log: "loud",
      web: { prot: 1, port: 70_000 },
      repos: { shop: { base: "" }, "../up": { root: "x" } },
      channels: { general: { polcy: {} }, "web:a": { policy: { plam: "ask", votes: 0 } } },
      roles: { everybody: "admin" },
      timezone: "Mars/Base",
      locale: "no such thing",
    });
    const file = join(cwd, "oca.config.json");
    expect((await problems({ OCA_WEB: "on", OCA_WEB_PRT: "1" })).toSorted()).toEqual(
      [
        'environment: OCA_WEB is "on": give "off", or nothing',
        'environment: OCA_WEB_PRT is not a setting: did you mean "OCA_WEB_PORT"?',
        `${file}: maxSesions is not a setting: did you mean "maxSessions"?`,
        `${file}: log is "loud": give one of trace, debug, info, warn, error, fatal, silent`,
        `${file}: web.prot is not a setting: did you mean "port"?`,
        `${file}: web.port is 70000: give a port: a whole number from 0 (any free one) to 65535`,
        `${file}: repos.shop.root is missing: give a text that is not empty`,
        `${file}: repos.shop.base is "": give a text that is not empty`,
        `${file}: repos.../up is a wrong name: give a name of letters, digits, ".", "_" and "-"`,
        `${file}: channels.general is a wrong name: give "<chat>:<channel>", for example "web:general"`,
        `${file}: channels.web:a.policy.plam is not a setting: did you mean "plan"?`,
        `${file}: channels.web:a.policy.votes is 0: give a whole number from 1`,
        `${file}: roles.everybody is "admin": give one of observer, requester, approver, merger, owner`,
        `${file}: timezone is "Mars/Base": give a time zone such as "Europe/Berlin"`,
        `${file}: locale is "no such thing": give a language tag such as "en" or "pt-BR"`,
      ].sort(),
    );
  });

  test("a variable of .env is named with that file", async () => {
    await writeFile(join(cwd, ".env"), "OCA_WEB_PORT=many\n");
    expect(await problems()).toEqual([
      `${join(cwd, ".env")}: OCA_WEB_PORT is "many": give a port: a whole number from 0 (any free one) to 65535`,
    ]);
  });

  test("a file that is not JSON, or not there", async () => {
    await writeFile(join(cwd, "oca.config.json"), "{ nonsense");
    expect(await problems()).toEqual([expect.stringContaining("oca.config.json is not JSON")]);
    expect(await problems({ OCA_CONFIG: "gone.json" })).toEqual([
      `OCA_CONFIG names ${join(cwd, "gone.json")}, which does not exist: create it or unset OCA_CONFIG`,
    ]);
  });

  test("a repository that a link leads out of `roots`", async () => {
    await mkdir(join(cwd, "code/shop"), { recursive: true });
    await mkdir(join(cwd, "elsewhere"));
    await symlink(join(cwd, "elsewhere"), join(cwd, "code/link"));
    await json({ roots: ["code"], repos: { shop: { root: "code/shop" }, link: { root: "code/link" } } });
    expect(await problems()).toEqual([
      `${join(cwd, "oca.config.json")}: repos.link.root is ${join(cwd, "elsewhere")}, which is outside "roots": add its folder to "roots" or move it`,
    ]);
  });

  test("one folder under two names, a repository nobody knows, a copied path that leads out", async () => {
    await json({
      repos: { shop: { root: "shop" }, store: { root: "./shop/", copy: ["../secret", ".env.local"] } },
      defaults: { repo: "shp" },
    });
    const file = join(cwd, "oca.config.json");
    expect(await problems()).toEqual([
      `${file}: repos.store.root is the same folder as repos.shop.root: keep one of them`,
      `${file}: repos.store.copy has "../secret": give a path inside the repository`,
      `${file}: defaults.repo is "shp", which is not one of "repos": did you mean "shop"?`,
    ]);
  });

  test("an agent that nobody knows, or that is described wrongly", async () => {
    const text = "item.text";
    await json({
      agents: {
        claud: { model: "opus" },
        claude: { cli: {} },
        both: { command: "x", acp: {}, cli: {} },
        nowhere: { acp: {} },
        goose: { command: "goose", acp: { plans: ["plan"], holds: "maybe", steer: 1, settings: { flie: "x" } } },
        aider: { command: "aider", cli: { promt: "stdin", resume: { args: ["--go-on"] }, plan: [] } },
        lines: { command: "x", cli: { output: { text, tol: {}, usage: { input: "a" } } } },
        filed: { command: "x", args: ["run"], cli: { prompt: "file" } },
        nameless: { command: "x", cli: { output: { text }, resume: { args: ["{session}"] } } },
        plain: { command: "x", cli: { success: { line: { ok: true } } } },
      },
    });
    const file = join(cwd, "oca.config.json");
    expect((await problems()).toSorted()).toEqual(
      [
        `${file}: agents.claud is "claud": give a name that oca knows (did you mean "claude"?), or say by "acp" or "cli" how the agent is spoken to`,
        `${file}: agents.claude.cli is {}: give the agent another name: oca has its own way to speak to claude`,
        `${file}: agents.both.acp is {}: give either "acp" or "cli", not both`,
        `${file}: agents.nowhere.command is missing: give the program to start`,
        `${file}: agents.goose.acp.plans is not a setting: did you mean "plan"?`,
        `${file}: agents.goose.acp.holds is "maybe": give one of own, gate, none`,
        `${file}: agents.goose.acp.steer is 1: give true or false`,
        `${file}: agents.goose.acp.settings.flie is not a setting: did you mean "file"?`,
        `${file}: agents.goose.acp.settings.file is missing: give a text that is not empty`,
        `${file}: agents.goose.acp.settings.content is missing: give an object`,
        `${file}: agents.aider.cli.promt is not a setting: did you mean "prompt"?`,
        `${file}: agents.aider.cli.resume.args is ["--go-on"]: give a list of arguments, one of them with {session}`,
        `${file}: agents.aider.cli.plan is []: give a list of arguments`,
        `${file}: agents.lines.cli.output.tol is not a setting: did you mean "tool"?`,
        `${file}: agents.lines.cli.output.usage.output is missing: give a path such as "message.content.*.text"`,
        `${file}: agents.nameless.cli.resume is {"args":["{session}"],"sameId":true}: give also "output.session", where the name of the conversation stands`,
        `${file}: agents.plain.cli.success.line is {"ok":true}: give "exit" instead: plain text has no such lines`,
        `${file}: agents.filed.args is ["run"]: give a place for the prompt: "{file}"`,
      ].sort(),
    );
  });

  test("a server of tools that is none, or whose variables are not set", async () => {
    await json({
      mcp: {
        tracker: { command: "tracker-mcp", args: ["--stdio"], env: ["TRACKER_KEY"] },
        docs: { url: "https://docs.example/mcp", token: "DOCS_KEY" },
        both: { command: "x", url: "https://x.example" },
        none: {},
        odd: { url: "ftp://x", agrs: [] },
        under_score: { command: "x" },
      },
    });
    const file = join(cwd, "oca.config.json");
    const written = await problems({ TRACKER_KEY: "k" });
    expect(written.toSorted()).toEqual([
      `${file}: mcp.odd.agrs is not a setting: did you mean "args"?`,
      `${file}: mcp.odd.url is "ftp://x": give an address that begins with https:// or http://`,
      `${file}: mcp.under_score is a wrong name: give a name of small letters, digits and "-"`,
    ]);
    await json({
      mcp: {
        tracker: { command: "tracker-mcp", args: ["--stdio"], env: ["TRACKER_KEY"] },
        docs: { url: "https://docs.example/mcp", token: "DOCS_KEY" },
        both: { command: "x", url: "https://x.example" },
        none: {},
      },
    });
    const words = 'is neither one nor the other: give "command", "args" and "env", or "url" and "token"';
    expect((await problems({ TRACKER_KEY: "k" })).toSorted()).toEqual([
      `${file}: mcp.both ${words}`,
      `${file}: mcp.docs.token names DOCS_KEY, which is not set: set it in the environment or in .env`,
      `${file}: mcp.none ${words}`,
    ]);
  });

  test("a secret that stands in the wrong place is not repeated", async () => {
    const secret = `xoxb-${"1".repeat(40)}`;
    await json({ log: secret });
    expect((await problems()).join()).not.toContain(secret);
  });
});

test("a chat's token comes from the environment; variables of others are no mistake", async () => {
  expect((await load({ TELEGRAM_BOT_TOKEN: "12:ab_c-D" })).telegram.token).toBe("12:ab_c-D");
  expect((await load({ TELEGRAM_PROXY: "x" })).telegram.token).toBeNull();
});

describe("every key", () => {
  const at = "web:general";
  const shop = { root: "shop" };
  test.each<[string, unknown]>([
    ["data", { data: "x" }],
    ["web", { web: "off" }],
    ["web.port", { web: { port: 0 } }],
    ["web.people", { web: { people: { ana: "Ana" } } }],
    ["telegram.cards", { telegram: { cards: "text" } }],
    ["telegram.remember", { telegram: { remember: false } }],
    ["telegram.webhook", { telegram: { webhook: { url: "https://example.org/telegram", port: 8443 } } }],
    ["telegram.apiRoot", { telegram: { apiRoot: "http://127.0.0.1:8081/" } }],
    ["log", { log: "debug" }],
    ["locale", { locale: "fr" }],
    ["timezone", { timezone: "Asia/Tokyo" }],
    ["maxSessions", { maxSessions: 1 }],
    ["repos.root", { repos: { shop: { root: "other" } } }],
    ["repos.base", { repos: { shop: { ...shop, base: "next" } } }],
    ["repos.setup.command", { repos: { shop: { ...shop, setup: { command: "make" } } } }],
    ["repos.setup.timeoutMs", { repos: { shop: { ...shop, setup: { command: "x", timeoutMs: "1m" } } } }],
    ["repos.copy", { repos: { shop: { ...shop, copy: [".env"] } } }],
    ["repos.commands", { repos: { shop: { ...shop, commands: ["npm test"] } } }],
    ["mcp.command", { mcp: { tracker: { command: "y" } } }],
    ["mcp.args", { mcp: { tracker: { command: "x", args: ["y"] } } }],
    ["mcp.env", { mcp: { tracker: { command: "x", env: ["HOME"] } } }],
    ["mcp.url", { mcp: { tracker: { url: "https://x.example" } } }],
    ["mcp.token", { mcp: { docs: { url: "https://docs.example", token: "HOME" } } }],
    ["agents.acp", { agents: { goose: { command: "goose", acp: {} } } }],
    ["agents.cli", { agents: { aider: { command: "aider", cli: {} } } }],
    ...Object.entries({
      command: "x",
      args: ["y"],
      model: "opus",
      effort: "high",
      env: ["A_KEY"],
      allow: ["fetch"],
    }).map(([key, value]): [string, unknown] => [`agents.${key}`, { agents: { claude: { [key]: value } } }]),
    ["defaults.repo", { defaults: { repo: "shop" } }],
    ["defaults.agent", { defaults: { agent: "other" } }],
    ...Object.entries({ plan: "off", land: "merge", style: "squash", push: true, trust: "bypass", votes: 2 }).flatMap(
      ([key, value]): [string, unknown][] => [
        [`defaults.policy.${key}`, { defaults: { policy: { [key]: value } } }],
        [`channels.policy.${key}`, { channels: { [at]: { policy: { [key]: value } } } }],
      ],
    ),
    ["defaults.hears", { defaults: { hears: "mentions" } }],
    ["defaults.cards", { defaults: { cards: "quiet" } }],
    ["channels.hears", { channels: { [at]: { hears: "mentions" } } }],
    ["channels.digest", { channels: { [at]: { digest: "friday" } } }],
    ["channels.cards", { channels: { [at]: { cards: "verbose" } } }],
    ["channels.repo", { channels: { [at]: { repo: "shop" } } }],
    ["channels.agent", { channels: { [at]: { agent: "other" } } }],
    ["channels.locale", { channels: { [at]: { locale: "fr" } } }],
    ["channels.roles.everybody", { channels: { [at]: { roles: { everybody: "owner" } } } }],
    ["channels.roles.people", { channels: { [at]: { roles: { people: { "web:ana": "owner" } } } } }],
    ["roles.everybody", { roles: { everybody: "observer" } }],
    ["roles.people", { roles: { people: { "web:ana": "owner" } } }],
  ])("%s has an effect", async (_key, settings) => {
    const mcp = { tracker: { command: "x" }, docs: { url: "https://docs.example" } };
    const base = { repos: { shop }, channels: { [at]: {} }, mcp };
    await json(base);
    const before = await load();
    await json({ ...base, ...(settings as object) });
    expect(await load()).not.toEqual(before);
  });

  test("is described: variables in .env.example, settings in docs/configuration.md", async () => {
    const [example, docs] = await Promise.all(
      [".env.example", "docs/configuration.md"].map((file) => readFile(join(import.meta.dirname, "..", file), "utf8")),
    );
    const settings = keys(z.toJSONSchema(Settings, { io: "input", unrepresentable: "any" }));
    expect(settings).toContain("channels.*.policy.votes");
    expect(settings.length).toBeGreaterThan(30);
    expect(Object.keys(Variables.shape).filter((name) => !example?.includes(`\n#${name}=`))).toEqual([]);
    expect(
      settings.filter(
        (key) =>
          !docs?.includes(
            `\`${key
              .replace(/^(repos)\.\*/, "$1.<name>")
              .replace(/^(channels)\.\*/, "$1.<channel>")
              .replace(/^(agents|mcp)\.\*/, "$1.<name>")}\``,
          ),
      ),
    ).toEqual([]);
  });
});

test("every key of an added agent is described in docs/add-an-agent.md", async () => {
  const docs = await readFile(join(import.meta.dirname, "..", "docs", "add-an-agent.md"), "utf8");
  const output = keys(z.toJSONSchema(Cli, { io: "input", unrepresentable: "any" }));
  const all = [...Object.keys(Quirks.shape), ...output.map((key) => key.replace(/^(output\.\w+|\w+)\b.*/, "$1"))];
  expect(all).toContain("output.session");
  expect([...new Set(all)].filter((key) => !docs.includes(`\`${key}\``))).toEqual([]);
});

/** Paths of the leaves of a JSON schema; `*` for a name that is free. */
function keys(schema: object, path: string[] = []): string[] {
  const { properties, additionalProperties, anyOf } = schema as {
    properties?: Record<string, object>;
    additionalProperties?: object | false;
    anyOf?: object[];
  };
  if (anyOf)
    return [path.join("."), ...anyOf.flatMap((branch) => keys(branch, path)).filter((key) => key !== path.join("."))];
  if (properties) return Object.entries(properties).flatMap(([key, inner]) => keys(inner, [...path, key]));
  const free = additionalProperties ? keys(additionalProperties, [...path, "*"]) : [];
  const below = free.filter((key) => !key.endsWith("*"));
  return below.length > 0 ? below : [path.join(".")];
}

describe("the nearest name", () => {
  test("distance is a metric", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(distance(a, a)).toBe(0);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
        if (a !== b) expect(distance(a, b)).toBeGreaterThan(0);
      }),
    );
  });

  test("a word far from all gets the list", () => {
    expect(nearest("zzzzzz", ["plan", "land"])).toBe("known here: plan, land");
    expect(nearest("Plan", ["plan", "land"])).toBe('did you mean "plan"?');
  });
});

test("whatever the file holds, there is a configuration or a list of problems", async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      await writeFile(join(cwd, "oca.config.json"), text);
      const result = await load().catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(ConfigError);
      else expect(result).toHaveProperty("data");
    }),
    { numRuns: 200 },
  );
});

describe("Slack", () => {
  const BOT = { SLACK_BOT_TOKEN: "xoxb-1" };

  test("is reached by a WebSocket when there is an app token, else by requests", async () => {
    expect((await load({ ...BOT, SLACK_APP_TOKEN: "xapp-1" })).slack).toEqual({
      token: "xoxb-1",
      link: { mode: "socket", appToken: "xapp-1" },
    });
    expect((await load({ ...BOT, SLACK_SIGNING_SECRET: "s", SLACK_PORT: "8080" })).slack).toEqual({
      token: "xoxb-1",
      link: { mode: "http", signingSecret: "s", port: 8080, path: "/slack/events" },
    });
  });

  test("half of its tokens, and wrong ones, are named with the way out", async () => {
    expect(await problems(BOT)).toEqual([expect.stringContaining("give SLACK_APP_TOKEN too, or SLACK_SIGNING_SECRET")]);
    expect(await problems({ SLACK_APP_TOKEN: "xapp-1" })).toEqual([
      expect.stringContaining("needs SLACK_BOT_TOKEN too"),
    ]);
    const [wrong] = await problems({ SLACK_BOT_TOKEN: "xapp-1", SLACK_APP_TOKEN: "xapp-1" });
    expect(wrong).toContain("SLACK_BOT_TOKEN");
    expect(wrong).toContain("xoxb-");
  });

  test("other variables of Slack are none of oca's business, and agents get none of them", async () => {
    const config = await load({ ...BOT, SLACK_APP_TOKEN: "xapp-1", SLACK_WEBHOOK: "x" });
    expect(JSON.stringify([config.env, config.agentEnv("claude")])).not.toMatch(/xoxb|xapp|SLACK/);
  });
});
