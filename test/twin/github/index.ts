import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createEmulator } from "emulate";
import { execa } from "execa";
import { createMirror } from "./mirror.ts";

/** An answer of the REST API. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

export interface Hub {
  /** Its address for people; the API is below `/api/v3`, as on GitHub Enterprise. */
  url: string;
  token: string;
  /** Where git pushes to, with credentials in it. */
  remote(path?: string, token?: string): string;
  /** Git in the bare repository behind it. */
  git(...args: string[]): Promise<string>;
  /** The REST API, as the owner or as somebody else. */
  api(method: string, path: string, body?: unknown, as?: "acme" | "ruth"): Promise<{ status: number; data: unknown }>;
  /** Somebody merges a pull request there. */
  merge(number: number, how?: "merge" | "squash"): Promise<void>;
  /** Every request that came in, as `METHOD /path`. */
  asked: string[];
  /** Answers instead of GitHub while it gives one. `kind` is `git` for pushes and fetches. */
  fault: { answer: ((request: string, kind: "git" | "api") => Answer | null | Promise<Answer>) | null };
  stop(): Promise<void>;
}

const TOKENS = { acme: "t0ken-acme", ruth: "t0ken-ruth" };
const REPO = "acme/sample";

/**
 * A GitHub of our own: pushes and fetches go to real git over HTTP, everything else to `emulate`, which is told of every
 * pushed commit under its true name. It is stricter than `emulate` where GitHub is: tokens, branches, second requests.
 */
export async function createHub(from: string): Promise<Hub> {
  const root = await mkdtemp(join(tmpdir(), "oca-hub-"));
  const bare = join(root, `${REPO}.git`);
  await mkdir(join(root, "acme"));
  await execa("git", ["clone", "--quiet", "--bare", from, bare]);
  const git = async (...args: string[]) => (await execa("git", ["-C", bare, ...args])).stdout.trim();
  await git("config", "http.receivepack", "true");
  const users = [{ login: "acme" }, { login: "ruth" }];
  const tokens = Object.fromEntries(
    Object.entries(TOKENS).map(([login, token]) => [token, { login, scopes: ["repo"] }]),
  );
  const emulator = await createEmulator({ service: "github", port: 0, seed: { tokens, github: { users, repos: [] } } });
  const api: Hub["api"] = async (method, path, body, as = "acme") => {
    const headers = { authorization: `Bearer ${TOKENS[as]}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${emulator.url}${path}`, init);
    return { status: response.status, data: await response.json().catch(() => null) };
  };
  await api("POST", "/user/repos", { name: "sample" });
  await api("PUT", `/repos/${REPO}/collaborators/ruth`, { permission: "push" });
  await api("PATCH", "/user/repository_invitations/1", undefined, "ruth");
  const mirror = createMirror(git, (method, path, body) => api(method, `/repos/${REPO}${path}`, body));
  await mirror();
  const hub = {
    root,
    git,
    api,
    mirror,
    asked: [] as string[],
    fault: { answer: null } as Hub["fault"],
    emulator: emulator.url,
  };
  const server = createServer((request, response) => {
    void serve(hub, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const url = await listen(server);
  return {
    ...{ url, token: TOKENS.acme, git, api, asked: hub.asked, fault: hub.fault },
    remote: (path = REPO, token = TOKENS.acme) => `${url.replace("://", `://x:${token}@`)}/${path}.git`,
    merge: async (number, how = "merge") => {
      const { data } = await api("GET", `/repos/${REPO}/pulls/${number}`);
      const { head, base } = data as { head: { ref: string }; base: { ref: string } };
      const tree = (await git("merge-tree", "--write-tree", base.ref, head.ref)).split("\n")[0] ?? "";
      const who = ["-c", "user.name=Ruth", "-c", "user.email=ruth@example.com"];
      const parents = ["-p", base.ref, ...(how === "merge" ? ["-p", head.ref] : [])];
      const commit = await git(...who, "commit-tree", tree, ...parents, "-m", `Merge #${number}`);
      await git("update-ref", `refs/heads/${base.ref}`, commit);
      await api("PATCH", `/repos/${REPO}/pulls/${number}`, { draft: false });
      const { status } = await api("PUT", `/repos/${REPO}/pulls/${number}/merge`, { merge_method: how });
      if (status !== 200) throw new Error(`the merge of #${number} was answered with ${status}`);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await emulator.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

interface Inside extends Pick<Hub, "git" | "api" | "asked" | "fault"> {
  root: string;
  mirror: () => Promise<void>;
  emulator: string;
}

async function serve(hub: Inside, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://hub");
  const kind = /^\/[^/]+\/[^/]+\.git\//.test(url.pathname) ? "git" : "api";
  const name = `${request.method} ${url.pathname}`;
  hub.asked.push(name);
  const fault = await hub.fault.answer?.(name, kind);
  if (fault) return say(response, fault);
  if (kind === "git") return push(hub, request, response);
  const body = await bodyOf(request);
  const path = `${url.pathname.replace("/api/v3", "")}${url.search}`;
  return say(
    response,
    (await strict(hub, { method: request.method ?? "GET", path, body, request })) ??
      (await relay(hub, { path, body, request })),
  );
}

interface Asked {
  path: string;
  body: Buffer;
  request: IncomingMessage;
}

/** What GitHub refuses and `emulate` does not. */
async function strict(
  hub: Inside,
  { method, path, body, request }: Asked & { method: string },
): Promise<Answer | null> {
  const token = request.headers.authorization?.replace(/^(?:Bearer|token) /i, "") ?? "";
  if (!Object.values(TOKENS).includes(token)) return { status: 401, body: { message: "Bad credentials" } };
  if (method !== "POST" || !/\/pulls$/.test(path)) return null;
  const { head, base } = JSON.parse(body.toString()) as { head: string; base: string };
  for (const [field, branch] of [
    ["base", base],
    ["head", head],
  ] as const) {
    const known = await hub.git("for-each-ref", `refs/heads/${branch.replace(/^.*:/, "")}`);
    if (known === "") return invalid({ resource: "PullRequest", field, code: "invalid" });
  }
  const { data } = await hub.api("GET", `/repos/${REPO}/pulls?head=acme:${head.replace(/^.*:/, "")}&state=open`);
  if (Array.isArray(data) && data.length > 0)
    return invalid({ message: `A pull request already exists for acme:${head}.` });
  return null;
}

const invalid = (error: object): Answer => ({ status: 422, body: { message: "Validation Failed", errors: [error] } });

async function relay({ emulator }: Inside, { path, body, request }: Asked): Promise<Answer> {
  const headers = Object.fromEntries(
    ["authorization", "content-type", "accept"].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
  const method = request.method ?? "GET";
  const answer = await fetch(`${emulator}${path}`, {
    method,
    headers,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

function say(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(JSON.stringify(body));
}

/** Real git over HTTP, as a CGI. */
async function push(hub: Inside, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
  if (!Object.values(TOKENS).some((token) => given.endsWith(`:${token}`))) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="hub"' });
    response.end();
    return;
  }
  const url = new URL(request.url ?? "/", "http://hub");
  const header = (name: string) => String(request.headers[name] ?? "");
  const cgi = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: hub.root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      REMOTE_USER: "acme",
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // Who pushes may be killed in the middle: then git is told that no more comes.
  pipeline(request, cgi.stdin).catch(() => cgi.stdin.destroy());
  const said = await bodyOf(cgi.stdout);
  const end = said.indexOf("\r\n\r\n");
  const lines = said
    .subarray(0, end)
    .toString()
    .split("\r\n")
    .map((line) => line.split(": ") as [string, string]);
  const status = Number.parseInt(lines.find(([name]) => name === "Status")?.[1] ?? "200", 10);
  // Who pushes may ask for a pull request in the same moment.
  if (url.pathname.endsWith("/git-receive-pack") && request.method === "POST") await hub.mirror();
  response.writeHead(status, Object.fromEntries(lines.filter(([name]) => name !== "Status")));
  response.end(said.subarray(end + 4));
}

async function bodyOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}
