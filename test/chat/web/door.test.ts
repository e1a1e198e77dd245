import { readdir, readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ANA, ask, BEN, codeOf, page, type Stage, stage } from "./stage.ts";

let it: Stage;
beforeEach(async () => {
  it = await stage();
});
afterEach(() => it.end());

const enter = (code: unknown) => ask(it.web.url(), "/api/enter", { method: "POST", json: { code } });

/** fetch does not let one choose the Host header. */
function knock(headers: Record<string, string>, path = "/api/words"): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request(`${it.web.url()}${path}`, { headers }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .on("error", reject)
    .end();
  return promise;
}

describe("the link", () => {
  test("lets one person in, once", async () => {
    const link = await it.web.enter(ANA);
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#enter=[\w-]{43}$/);
    const [first, second] = await Promise.all([enter(codeOf(link)), enter(codeOf(link))]);
    expect([first.status, second.status].sort()).toEqual([200, 401]);
    expect((await enter(codeOf(link))).status).toBe(401);
  });

  test("is worth nothing after a day", async () => {
    const link = await it.web.enter(ANA);
    it.time.now += 24 * 60 * 60 * 1000;
    expect((await enter(codeOf(link))).status).toBe(401);
  });

  test("cannot be guessed, left out or made of something else", async () => {
    await it.web.enter(ANA);
    for (const code of ["", "x".repeat(43)]) expect((await enter(code)).status).toBe(401);
    for (const code of [null, {}, 7, undefined]) expect((await enter(code)).status).toBe(400);
    expect((await ask(it.web.url(), "/api/enter", { method: "POST", body: "x".repeat(2_000) })).status).toBe(413);
  });

  test("makes a token that outlives a restart, but not a month", async () => {
    const ana = await it.enter(ANA);
    await it.restart();
    expect((await page(it.web, ana.token).call("/me")).body).toMatchObject({ me: ANA });
    it.time.now += 30 * 24 * 60 * 60 * 1000;
    expect((await page(it.web, ana.token).call("/me")).status).toBe(401);
  });

  test("leaves no secret on the disk: only hashes, in files of the owner alone", async () => {
    const unused = codeOf(await it.web.enter(BEN));
    const { token } = await it.enter(ANA);
    const text = await readFile(join(it.folder, "web.json"), "utf8");
    expect(text).not.toContain(unused);
    expect(text).not.toContain(token);
    expect((await stat(join(it.folder, "web.json"))).mode & 0o077).toBe(0);
    expect(await readdir(it.folder)).toContain("web.json");
  });
});

describe("the door", () => {
  test("is shut for everything but the words and the link itself", async () => {
    const paths = ["/me", "/home", "/channels/hello", "/threads/m1", "/events", "/files/x", "/diff/k7m2p4", "/nothing"];
    for (const path of paths) expect((await ask(it.web.url(), `/api${path}`)).status).toBe(401);
    for (const path of ["/messages", "/clicks", "/files"]) {
      expect((await ask(it.web.url(), `/api${path}`, { method: "POST", json: {} })).status).toBe(401);
    }
    expect((await ask(it.web.url(), "/api/words")).status).toBe(200);
    expect((await page(it.web, "x".repeat(43)).call("/me")).status).toBe(401);
  });

  test("knows only the names of this machine", async () => {
    const port = new URL(it.web.url()).port;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect(await knock({ host })).toBe(200);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      `127.0.0.1:${port}.evil.example`,
      "localhost:1",
    ]) {
      // 400: not even the name of a host.
      expect([400, 403]).toContain(await knock({ host }));
      expect([400, 403]).toContain(await knock({ host }, "/"));
    }
  });

  test("is shut for pages of another origin", async () => {
    const host = new URL(it.web.url()).host;
    expect(await knock({ host, origin: `http://${host}` })).toBe(200);
    for (const origin of ["http://evil.example", "null", "http://127.0.0.1:3000", `https://${host}`]) {
      expect(await knock({ host, origin })).toBe(403);
    }
  });

  test("says on every answer what a page may do, and sets no cookie", async () => {
    for (const path of ["/", "/app.js", "/style.css", "/diff2html.css", "/api/words", "/api/me", "/nowhere"]) {
      const { headers } = await ask(it.web.url(), path);
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("set-cookie")).toBeNull();
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("hands out the files of the page and nothing else of the disk", async () => {
    expect((await ask(it.web.url(), "/")).text).toContain('<script type="module" src="/app.js">');
    for (const path of ["/../index.ts", "/%2e%2e/index.ts", "/..%2findex.ts", "/page/app.js", "/web.json"]) {
      expect((await ask(it.web.url(), path)).status).toBe(404);
    }
  });

  test("opens on this machine's own address only", async () => {
    expect(new URL(it.web.url()).hostname).toBe("127.0.0.1");
    const other = await stage().catch((error: Error) => error);
    if (other instanceof Error) throw other;
    await other.end();
    const port = Number(new URL(it.web.url()).port);
    await expect(stage({ port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });
});

describe("who speaks", () => {
  const say = { once: "12345678", channel: "hello", thread: null, text: "hello", files: [] };

  test("is the one of the link: saying another name changes nothing", async () => {
    const ana = await it.enter(ANA);
    await ana.call("/messages", { method: "POST", json: say, headers: { "x-oca-as": "ben" } });
    expect(it.received[0]?.by).toEqual({ id: "web:ana", chat: "web", user: "ana", name: "Ana" });
  });

  test("can be chosen in a demo, among the people of the demo", async () => {
    await it.end();
    it = await stage({ demo: { people: [ANA, BEN] } });
    const ana = await it.enter(ANA);
    await ana.call("/messages", { method: "POST", json: say, headers: { "x-oca-as": "ben" } });
    expect(it.received[0]?.by.user).toBe("ben");
    const root = await ana.call("/messages", { method: "POST", json: say, headers: { "x-oca-as": "root" } });
    expect(root.status).toBe(403);
    expect((await ana.call("/me")).body).toMatchObject({ me: ANA, people: [ANA, BEN] });
  });
});
