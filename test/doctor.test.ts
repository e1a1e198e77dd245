import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Config, loadConfig } from "../src/config.ts";
import { makeSample } from "../src/demo.ts";
import { type Check, examine, FINDINGS } from "../src/doctor.ts";
import { output } from "../src/lib/output.ts";
import { createHostSpawn } from "../src/sandbox/host.ts";
import { createHub } from "./twin/github/index.ts";
import { createSlackTwin } from "./twin/slack/index.ts";
import { createTwin } from "./twin/telegram/index.ts";

const spawn = createHostSpawn({ killAfterMs: 1000, pollMs: 5 });
const env = { PATH: process.env["PATH"] ?? "" };
let home: string;
let repo: string;
const seen = new Set<string>();

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "oca-doctor-")));
  repo = join(home, "shop");
  await makeSample(repo, { spawn, env: { ...env, HOME: home } });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const git = async (...args: string[]) =>
  await output(
    spawn({ command: "git", args, cwd: repo, env: { ...env, HOME: home }, signal: new AbortController().signal }),
  );

async function doctor(
  settings: object = {},
  more: Partial<Config> = {},
  node = "24.21.0",
  slackApiUrl = "",
): Promise<Check[]> {
  await writeFile(
    join(home, "oca.config.json"),
    JSON.stringify({ repos: { shop: { root: "shop" } }, web: { port: 0 }, ...settings }),
  );
  const config = await loadConfig({ cwd: home, env: { HOME: home, PATH: env.PATH } });
  const checks = await examine({ ...config, ...more }, { spawn, node, now: Date.now(), slackApiUrl });
  for (const { id, is } of checks) seen.add(`${id}.${is}`);
  return checks;
}
const bad = (checks: Check[]) => checks.filter(({ ok }) => ok !== true).map(({ id, is, ok }) => ({ id, is, ok }));

describe("the doctor", () => {
  test("is content with a healthy machine, and names what it looked at", async () => {
    const checks = await doctor();
    expect(bad(checks).filter(({ id }) => id !== "disk")).toEqual([]);
    expect(new Set(checks.map(({ id }) => id))).toEqual(
      new Set(["data", "disk", "git", "identity", "node", "port", "repo"]),
    );
    expect(checks.find(({ id }) => id === "identity")?.values).toMatchObject({
      user: "Demo",
      email: "demo@example.invalid",
    });
    expect(checks.find(({ id }) => id === "data")?.is).toBe("new");
  });

  test("a token for the GitHub that a repository is pushed to, and whether it may ask there", async () => {
    const hub = await createHub(repo);
    const remotes = { hidden: hub.remote("acme/hidden"), public: "git@github.com:acme/shop.git", shop: hub.remote() };
    for (const [name, url] of Object.entries(remotes)) {
      if (name !== "shop") await cp(repo, join(home, name), { recursive: true });
      await git("-C", join(home, name), "remote", "add", "origin", url);
    }
    const repos = Object.fromEntries(Object.keys(remotes).map((name) => [name, { root: name }]));
    const found = async () =>
      (
        await doctor({ repos }, { github: { url: hub.url, token: hub.token }, env: { PATH: env.PATH, HOME: home } })
      ).flatMap(({ id, is, values }) => (id === "github" ? [[values["name"], is]] : []));
    expect(await found()).toEqual([
      ["hidden", "refused"],
      ["public", "token"],
      ["shop", "fine"],
    ]);
    await hub.stop();
    expect(await found()).toEqual([
      ["hidden", "unreachable"],
      ["public", "token"],
      ["shop", "unreachable"],
    ]);
  });

  test("Slack's tokens, what they may, and whether Slack is there", async () => {
    const twin = await createSlackTwin({ mode: "socket", limits: null });
    const slack = (token: string, slackApiUrl: string) =>
      doctor({}, { slack: { token, link: { mode: "socket", appToken: twin.tokens.app } } }, "24.21.0", slackApiUrl);
    const found = (checks: Check[]) => checks.find(({ id }) => id === "slack");
    expect(found(await slack(twin.tokens.bot, twin.slackApiUrl))).toMatchObject({ is: "fine", ok: true });
    expect(found(await slack("xoxb-other", twin.slackApiUrl))).toMatchObject({ is: "refused", ok: false });
    await twin.stop();
    expect(found(await slack(twin.tokens.bot, twin.slackApiUrl))).toMatchObject({ is: "unreachable", ok: "warn" });
    const poor = { oauth_config: { scopes: { bot: ["chat:write"] } } };
    const small = await createSlackTwin({ mode: "socket", limits: null, manifest: poor });
    expect(found(await slack(small.tokens.bot, small.slackApiUrl))).toMatchObject({ is: "scopes", ok: false });
    await small.stop();
  });

  test("an old Node", async () => {
    expect(bad(await doctor({}, {}, "24.15.9"))).toContainEqual({ id: "node", is: "old", ok: false });
    expect(bad(await doctor({}, {}, "25.0.0")).map(({ id }) => id)).not.toContain("node");
  });

  test("no git at all, or one of another age", async () => {
    expect(bad(await doctor({}, { env: { PATH: home } }))).toContainEqual({ id: "git", is: "missing", ok: false });
    await writeFile(join(home, "git"), "#!/bin/sh\necho git version 2.37.9\n", { mode: 0o755 });
    expect(bad(await doctor({}, { env: { PATH: `${home}:${env.PATH}` } }))).toContainEqual({
      id: "git",
      is: "old",
      ok: false,
    });
  });

  test("a data folder that others can read, that is a file, or that lies in a repository", async () => {
    const data = join(home, "data");
    await mkdir(data, { mode: 0o700 });
    expect((await doctor({ data })).find(({ id }) => id === "data")?.is).toBe("fine");
    await chmod(data, 0o755);
    const open = (await doctor({ data })).find(({ id }) => id === "data");
    expect(open).toMatchObject({ is: "open", ok: false, values: { path: data, mode: "755" } });
    await writeFile(join(home, "file"), "");
    expect(bad(await doctor({ data: join(home, "file") }))).toContainEqual({ id: "data", is: "closed", ok: false });
    expect(bad(await doctor({ data: join(repo, ".oca/data") }))).toContainEqual({
      id: "data",
      is: "inside",
      ok: false,
    });
  });

  test("a port that is taken; none when the web chat is off", async () => {
    const server = createServer();
    const port = await new Promise<number>((settle) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        settle(typeof address === "object" && address ? address.port : 0);
      });
    });
    expect(bad(await doctor({ web: { port } }))).toContainEqual({ id: "port", is: "taken", ok: "warn" });
    await new Promise((settle) => server.close(settle));
    expect((await doctor({ web: { port } })).find(({ id }) => id === "port")?.is).toBe("fine");
    expect((await doctor({ web: "off" })).find(({ id }) => id === "port")?.is).toBe("off");
  });

  test("Telegram: a token that works, privacy mode, a revoked one, a webhook that is not reached, no way there", async () => {
    const twin = await createTwin();
    const telegram = { token: twin.token, apiRoot: twin.url, webhook: null, cards: "rich", remember: true } as const;
    const is = async (more: object = {}) =>
      (await doctor({}, { telegram: { ...telegram, ...more } })).find(({ id }) => id === "telegram");
    expect(await doctor()).not.toContainEqual(expect.objectContaining({ id: "telegram" }));
    expect(await is()).toMatchObject({ is: "fine", values: { name: "oca_test_bot" } });
    twin.world.me.can_read_all_group_messages = false;
    expect(await is()).toMatchObject({ is: "privacy", ok: "warn" });
    twin.webhookFails("Connection refused");
    expect(await is({ webhook: { url: "https://example.org/telegram", port: 1 } })).toMatchObject({ is: "webhook" });
    twin.faults.revoked = true;
    expect(await is()).toMatchObject({ is: "refused", ok: false });
    await twin.close();
    expect(await is()).toMatchObject({ is: "unreachable", ok: false });
    expect(JSON.stringify(await is())).not.toContain(twin.token);
  });

  test("repositories: none, missing, no repository, empty, without its base", async () => {
    expect(bad(await doctor({ repos: {} }))).toContainEqual({ id: "repos", is: "none", ok: "warn" });
    expect(bad(await doctor({ repos: { a: { root: "gone" } } }))).toContainEqual({
      id: "repo",
      is: "missing",
      ok: false,
    });
    await mkdir(join(home, "plain"));
    expect(bad(await doctor({ repos: { a: { root: "plain" } } }))).toContainEqual({
      id: "repo",
      is: "not_git",
      ok: false,
    });
    await git("init", "-q", join(home, "empty"));
    expect(bad(await doctor({ repos: { a: { root: "empty" } } }))).toContainEqual({
      id: "repo",
      is: "empty",
      ok: false,
    });
    const based = (base: string) => doctor({ repos: { a: { root: "shop", base } } });
    expect(bad(await based("next"))).toContainEqual({ id: "repo", is: "no_base", ok: false });
    expect(bad(await based("main")).map(({ id }) => id)).not.toContain("repo");
  });

  test("no identity", async () => {
    await git("config", "--unset", "user.email");
    expect(bad(await doctor())).toContainEqual({ id: "identity", is: "missing", ok: false });
  });

  test("locks that git left, with their age", async () => {
    const files = [join(repo, ".git/index.lock"), join(repo, ".git/refs/heads/main.lock")];
    const then = new Date(Date.now() - 125_000);
    await Promise.all(files.map((file) => writeFile(file, "")));
    await Promise.all(files.map((file) => utimes(file, then, then)));
    const locks = (await doctor()).filter(({ id }) => id === "lock");
    expect(locks.map(({ values }) => values)).toEqual(files.map((file) => ({ name: "shop", file, minutes: 2 })));
    expect(locks.every(({ ok }) => ok === "warn")).toBe(true);
  });

  test("it changes nothing", async () => {
    const before = await git("--no-optional-locks", "status", "--porcelain", "--ignored");
    await doctor({ data: join(home, "new") });
    expect(await git("--no-optional-locks", "status", "--porcelain", "--ignored")).toEqual(before);
  });
});

describe("the words of the doctor", () => {
  const all = Object.entries(FINDINGS).flatMap(([id, findings]) => findings.map((is) => ({ id, is })));
  const words = async (language: string): Promise<Record<string, Record<string, { says: string; fix?: string }>>> =>
    JSON.parse(await readFile(join(import.meta.dirname, `../locales/${language}/doctor.json`), "utf8"));
  const holes = (text = "") => (text.match(/{{\w+}}/g) ?? []).toSorted();

  test.each(["en", "de"])("are there in %s for every finding, and a fix wherever one is needed", async (language) => {
    const texts = await words(language);
    expect(Object.entries(texts).flatMap(([id, of]) => Object.keys(of).map((is) => ({ id, is })))).toEqual(all);
    const fine = ["fine", "new", "off"];
    for (const { id, is } of all) {
      expect(texts[id]?.[is]?.says, `${id}.${is}`).toMatch(/\S/);
      expect(texts[id]?.[is]?.fix !== undefined, `${id}.${is}`).toBe(!fine.includes(is));
    }
  });

  test("have the same holes in each language, and the doctor fills all of them", async () => {
    const [en, de] = await Promise.all([words("en"), words("de")]);
    for (const { id, is } of all) {
      const [a, b] = [en?.[id]?.[is], de?.[id]?.[is]];
      expect(holes(b?.says), `${id}.${is}`).toEqual(holes(a?.says));
      expect(holes(b?.fix), `${id}.${is}`).toEqual(holes(a?.fix));
    }
    for (const { id, is, values } of [...(await doctor()), ...(await doctor({ repos: { a: { root: "gone" } } }))]) {
      const { says, fix } = en?.[id]?.[is] ?? { says: "{{unknown}}" };
      for (const hole of [...holes(says), ...holes(fix)]) expect(Object.keys(values)).toContain(hole.slice(2, -2));
    }
  });

  test("nearly every finding was seen in these tests", () => {
    const missed = all.map(({ id, is }) => `${id}.${is}`).filter((key) => !seen.has(key));
    expect(missed.filter((key) => !/^disk\./.test(key))).toEqual(["port.forbidden"]);
  });
});
