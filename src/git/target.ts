import type { Git, Prepared } from "../core/ports/git.ts";
import { SERVER, SERVERS } from "../core/session.ts";
import { apart, contains, tip, tips } from "./ref.ts";
import { unlessNo } from "./run.ts";
import type { Site } from "./site.ts";

const LOCAL = "refs/heads/";
/** A network that says nothing for so long is taken for absent. */
const SILENCE_MS = 30_000;

/** Whether landing on this target is a push. */
export const isRemote = (target: string): boolean => target.startsWith(SERVERS);

/** The branch's name without the way to it. */
export const baseOf = (target: string): string => target.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, "");

/** The server that a target is a branch of. */
const serverOf = (target: string): string => target.slice(SERVERS.length).split("/")[0] ?? "";

export const localOf = (target: string): string => `${LOCAL}${baseOf(target)}`;

/** A target and where it stands. */
interface Target {
  ref: string;
  tip: string;
}
type Found = { ok: true; target: Target } | Extract<Prepared, { ok: false }>;

/**
 * The ref that the session branches from and lands on: with `push` the remote's base, else the local one; with `pulls` that of
 * the project which the remote is a fork of. Offline, what was last fetched counts. Throws when there is no such branch.
 */
export async function findTarget(site: Site, { push, pulls, signal }: Wanted): Promise<Found> {
  const { target } = site.workspace;
  const { base, local, remote } = await candidates(site, { pulls, signal });
  const known = await tips(site, [local, remote]);
  const refs = target ? [target] : push ? [remote, local] : [local, remote];
  const ref = refs.find((ref) => known.has(ref));
  const at = ref && known.get(ref);
  if (!ref || !at) throw await (target ? gone(site, target) : missing(site, base));
  const [ours, theirs] = [known.get(local), known.get(remote)];
  if (!target && ours && theirs && (await apart(site, ours, theirs)).every((commits) => commits > 0))
    return { ok: false, ask: { kind: "diverged", local, remote } };
  return { ok: true, target: { ref, tip: at } };
}

/** The base here and on the server, as it is there now. What a session has begun with stays. */
async function candidates(site: Site, { pulls, signal }: Omit<Wanted, "push">) {
  const { target } = site.workspace;
  const servers = await serversOf(site);
  const base = target ? baseOf(target) : await nameBase(site, servers.includes("origin"));
  const isForked = target ? target.startsWith(`${SERVERS}upstream/`) : pulls && servers.includes("upstream");
  const server = isForked ? "upstream" : "origin";
  if (servers.includes(server)) await tryFetch(site, { remote: server, branch: base, signal });
  return { base, local: `${LOCAL}${base}`, remote: `${SERVERS}${server}/${base}` };
}

type Wanted = Pick<Parameters<Git["prepare"]>[1], "push" | "pulls" | "signal">;

/** Where the target stands now. Throws when the remote cannot be asked, or the branch is gone. */
export async function freshTip(site: Site, ref: string, signal?: AbortSignal): Promise<string> {
  if (isRemote(ref)) await fetchBranch(site, { remote: serverOf(ref), branch: baseOf(ref), signal });
  const at = await tip(site, ref);
  if (!at) throw await gone(site, ref);
  return at;
}

/** Where the targets of sessions stand, by session, as far as they are known here. One question to each repository. */
export async function targetTips(sites: readonly Site[]): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const repos = Map.groupBy(sites, ({ common }) => common);
  for (const [one, ...others] of repos.values()) {
    if (!one) continue;
    const refs = [one, ...others].flatMap(({ workspace }) => workspace.target ?? []);
    const found = refs.length > 0 ? await tips(one, [...new Set(refs)]) : new Map<string, string>();
    for (const { session, workspace } of [one, ...others]) {
      const at = workspace.target && found.get(workspace.target);
      if (at) known.set(session, at);
    }
  }
  return known;
}

/** Pushes a commit onto the remote's base. The server's fast-forward rule is the compare-and-swap. */
export async function push(site: Site, target: string, commit: string): Promise<void> {
  await site.main(["push", "--porcelain", serverOf(target), `${commit}:${localOf(target)}`], { hooks: true });
}

/** Whether the target has the commit, as far as it can be asked. */
export async function hasLanded(site: Site, { ref, commit }: { ref: string; commit: string }): Promise<boolean> {
  const before = await tip(site, ref);
  if (before && (await contains(site, before, commit))) return true;
  return isRemote(ref) && contains(site, await freshTip(site, ref), commit);
}

const serversOf = async (site: Site): Promise<string[]> => (await site.main(["remote"])).split("\n");

/** Anything that has a meaning of its own in a ref or a refspec. */
const UNSAFE_NAME = /^[-/]|\.\.|@\{|[\p{Cc}\s~^:?*[\\]|\.lock$|[/.]$/u;

async function nameBase(site: Site, hasRemote: boolean): Promise<string> {
  const asked = site.workspace.base ?? site.repo.base;
  if (asked !== null) {
    if (asked === "" || UNSAFE_NAME.test(asked)) throw await missing(site, asked);
    return asked;
  }
  const head = hasRemote ? await unlessNo(site.main(["symbolic-ref", "--quiet", `${SERVER}HEAD`])) : null;
  if (head !== null) return head.trim().slice(SERVER.length);
  return guessBase(site);
}

async function guessBase(site: Site): Promise<string> {
  const configured = await unlessNo(site.main(["config", "--get", "init.defaultBranch"]));
  const names = await bases(site);
  const usual = [configured?.trim(), "main", "master"].find((name) => name && names.includes(name));
  const only = names.length === 1 ? names[0] : undefined;
  const base = usual ?? only;
  if (base) return base;
  if (names.length === 0) throw await missing(site, "main");
  throw new Error(
    `repository ${site.repo.name} has several branches and none is called main (${some(names)}): set repos.${site.repo.name}.base`,
  );
}

async function missing(site: Site, base: string): Promise<Error> {
  const names = await bases(site);
  if (names.length === 0)
    return new Error(`repository ${site.repo.name} has no commit yet: make a first one in ${site.repo.root}`);
  return new Error(`repository ${site.repo.name} has no branch ${JSON.stringify(base)}: there is ${some(names)}`);
}

/** The target of a session has been renamed or deleted since its work began. */
export async function gone(site: Site, target: string): Promise<Error> {
  const [base, names] = [baseOf(target), some(await bases(site))];
  const from = site.workspace.baseCommit?.slice(0, 12) ?? "<commit>";
  const back = isRemote(target)
    ? `push it to ${serverOf(target)} again`
    : `bring it back with git branch ${base} ${from}`;
  const { name } = site.repo;
  return new Error(
    `repository ${name} has no branch ${JSON.stringify(base)} any more (there is ${names}): ${back}, then resume`,
  );
}

async function bases(site: Site): Promise<string[]> {
  const names = [...(await tips(site, [LOCAL, SERVER])).keys()].map(baseOf);
  return [...new Set(names)].filter((name) => name !== "HEAD" && !name.startsWith("oca/"));
}

const some = (names: string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(", ")}, ...` : names.join(", ");

/** Without a network the work goes on with what was last fetched. */
async function tryFetch(site: Site, fetching: Fetching & { signal: AbortSignal }): Promise<void> {
  try {
    await fetchBranch(site, fetching);
  } catch {
    fetching.signal.throwIfAborted(); // else it is offline, or the branch is only local: what is known counts
  }
}

/** Where the base stands on the server that decides about pull requests. */
export async function freshBase(site: Site, base: string): Promise<string> {
  const servers = await serversOf(site);
  return fetchBranch(site, { remote: servers.includes("upstream") ? "upstream" : "origin", branch: base });
}

interface Fetching {
  remote?: string;
  branch: string;
  signal?: AbortSignal | undefined;
}

/** Asks a remote where a branch of it stands now. */
export async function fetchBranch(site: Site, { remote = "origin", branch, signal }: Fetching): Promise<string> {
  const known = `refs/remotes/${remote}/${branch}`;
  const refspec = `+${LOCAL}${branch}:${known}`;
  await site.main(["fetch", "--progress", "--no-tags", "--no-write-fetch-head", remote, refspec], {
    signal,
    silenceMs: SILENCE_MS,
  });
  return known;
}
