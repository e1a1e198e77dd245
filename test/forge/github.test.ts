import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Proposal } from "../../src/core/ports/forge.ts";
import type { Request } from "../../src/core/pull.ts";
import { createForge } from "../../src/forge/forge.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";

interface Call {
  method: string;
  path: string;
  token: string;
  body: Record<string, unknown>;
}
type Reply = { status?: number; headers?: Record<string, string>; body?: unknown };

/** A GitHub Enterprise that answers as the test says; what it is not told, it has nothing of. */
async function server(answer: (call: Call) => Reply | null, token: string | null = "t0ken") {
  const calls: Call[] = [];
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const path = (request.url ?? "").replace("/api/v3/repos/", "");
    const call = {
      method: request.method ?? "",
      path,
      token: request.headers.authorization ?? "",
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
    calls.push(call);
    const { status = 200, headers = {}, body = {} } = answer(call) ?? { body: empty(path) };
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  const web = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  const env = { PATH: "/nowhere" };
  const forge = createForge({ url: web, token, spawn: createHostSpawn(), env, now: () => 1_000_000 });
  return { forge, web, calls };
}

const empty = (path: string): unknown =>
  path.includes("check-runs") ? { check_runs: [] } : path.endsWith("/status?per_page=100") ? { statuses: [] } : [];

const proposal = (web: string, over: Partial<Proposal> = {}): Proposal => ({
  remotes: { origin: { web, path: "acme/shop" }, upstream: null },
  base: "main",
  branch: "oca/fix-k3",
  head: "c1",
  title: "Fix",
  body: "What oca says.",
  signal: new AbortController().signal,
  ...over,
});
const request = (web: string): Request => ({
  ...{ is: "request", web, repo: "acme/shop", number: 7, url: "", state: "open" },
  ...{ draft: true, head: "c1", news: [], told: [] },
});
const creates = ({ method }: Call) => method === "POST";

test("from a fork it asks the repository that was forked, by the fork's name", async () => {
  const { forge, web, calls } = await server((call) =>
    creates(call) ? { status: 201, body: { number: 7, state: "open", draft: true } } : null,
  );
  const remotes = { origin: { web, path: "ana/shop" }, upstream: { web, path: "acme/shop" } };
  const made = await forge.propose(proposal(web, { remotes }));
  expect(made).toMatchObject({ ok: true, pull: { number: 7, repo: "acme/shop", url: `${web}/acme/shop/pull/7` } });
  expect(calls[0]?.path).toContain("acme/shop/pulls?head=ana%3Aoca%2Ffix-k3");
  expect(calls[1]?.body).toMatchObject({ head: "ana:oca/fix-k3", base: "main", draft: true });
  expect(calls.every(({ token }) => token === "Bearer t0ken")).toBe(true);
});

test("where there are no drafts it opens a whole one", async () => {
  const { forge, web, calls } = await server((call) => {
    if (!creates(call)) return null;
    if (call.body["draft"] !== true) return { status: 201, body: { number: 7, state: "open", draft: false } };
    return { status: 422, body: { message: "Draft pull requests are not supported in this repository." } };
  });
  expect(await forge.propose(proposal(web))).toMatchObject({ ok: true, pull: { draft: false } });
  expect(calls.filter(creates)).toHaveLength(2);
});

test("one that was merged stays merged, one that cannot be opened again stays closed: there is a new one", async () => {
  const old = [
    { number: 3, state: "closed", merged_at: "2026-01-01T00:00:00Z" },
    { number: 2, state: "closed", merged_at: null, body: "" },
  ];
  const { forge, web, calls } = await server(({ method, path }) => {
    if (method === "PATCH") return { status: 422, body: { message: "The branch was recreated" } };
    if (method === "POST") return { status: 201, body: { number: 7, state: "open", draft: true } };
    return path.includes("/pulls?") ? { body: old } : null;
  });
  expect(await forge.propose(proposal(web))).toMatchObject({ ok: true, pull: { number: 7 } });
  expect(calls.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
    "GET acme/shop/pulls",
    "PATCH acme/shop/pulls/2",
    "POST acme/shop/pulls",
  ]);
});

test("without any token nothing is asked", async () => {
  const { forge, web, calls } = await server(() => null, null);
  expect(await forge.propose(proposal(web))).toMatchObject({ ok: false, block: { why: "pull", reason: "token" } });
  expect(calls).toEqual([]);
});

test.each([
  [{ status: 401 }, "token", null],
  [{ status: 403 }, "scope", null],
  [{ status: 404 }, "scope", null],
  [{ status: 429, headers: { "retry-after": "60" } }, "limited", 1_060_000],
  [{ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5000" } }, "limited", 5_000_000],
  [{ status: 422, body: { message: "Validation Failed", errors: [{ field: "base", code: "invalid" }] } }, "base", null],
  [{ status: 422, body: { message: "No commits between main and oca/fix-k3" } }, "refused", null],
  [{ status: 500 }, "refused", null],
])("%j is %s", async (reply, reason, until) => {
  const { forge, web } = await server((call) => (creates(call) ? reply : null));
  expect(await forge.propose(proposal(web))).toMatchObject({ ok: false, block: { why: "pull", reason, until } });
});

test("what people and checks say is told once each; talk of bots, passed checks and drafts of reviews are not", async () => {
  const { forge, web } = await server(({ path }) => {
    if (path === "acme/shop/pulls/7") return { body: { number: 7, state: "open", draft: true, merged_at: null } };
    if (path.includes("/reviews"))
      return {
        body: [review(1, "CHANGES_REQUESTED", "Not yet."), review(2, "PENDING", "secret"), review(3, "APPROVED", "")],
      };
    if (path.includes("/pulls/7/comments"))
      return {
        body: [{ id: 1, user: { login: "ruth" }, body: "Why?", path: "a.ts", line: 3, created_at: "2026-01-02" }],
      };
    if (path.includes("/issues/7/comments"))
      return {
        body: [
          { id: 1, user: { login: "ci", type: "Bot" }, body: "coverage", created_at: "2026-01-01" },
          { id: 2, user: null, body: "I am gone", created_at: "2026-01-04" },
        ],
      };
    if (path.includes("check-runs"))
      return { body: { check_runs: [run(1, "failure"), run(2, "success"), run(3, null), run(4, "timed_out")] } };
    if (path.includes("/status")) return { status: 403, body: { message: "Resource not accessible" } };
    return null;
  });
  expect(await forge.look(request(web))).toEqual({
    is: "known",
    state: "open",
    draft: true,
    news: [
      { id: "line:1", kind: "comment", by: "ruth", at: "a.ts:3", text: "Why?" },
      { id: "review:1", kind: "comment", by: "ruth", at: "", text: "Not yet." },
      { id: "talk:2", kind: "comment", by: "somebody", at: "", text: "I am gone" },
      { id: "run:1", kind: "check", by: "test 1", at: "", text: "2 failed\n\nDetails" },
      { id: "run:4", kind: "check", by: "test 4", at: "", text: "2 failed\n\nDetails" },
    ],
  });
});
const review = (id: number, state: string, body: string) => ({
  ...{ id, state, body, user: { login: "ruth" }, submitted_at: "2026-01-03" },
});
const run = (id: number, conclusion: string | null) => ({
  ...{ id, name: `test ${id}`, conclusion, output: { title: "2 failed", summary: "Details" } },
});

test("a merged one is merged, and a limit is a time and no failure", async () => {
  let reply: Reply = { body: { number: 7, state: "closed", merged_at: "2026-01-01T00:00:00Z" } };
  const { forge, web } = await server(() => reply);
  expect(await forge.look(request(web))).toMatchObject({ is: "known", state: "merged", news: [] });
  reply = { status: 429, headers: { "retry-after": "30" } };
  expect(await forge.look(request(web))).toEqual({ is: "limited", until: 1_030_000 });
  reply = { status: 404 };
  await expect(forge.look(request(web))).rejects.toThrow();
});
