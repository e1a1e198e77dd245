import { request } from "@octokit/request";
import type { Forge, Proposal } from "../core/ports/forge.ts";
import type { Remote } from "../core/ports/git.ts";
import type { Request } from "../core/pull.ts";
import { renew, wrap } from "./body.ts";
import type { Host } from "./forge.ts";
import { newsOf } from "./news.ts";
import { blockOf, refusalOf } from "./refused.ts";

type Proposed = Awaited<ReturnType<Forge["propose"]>>;

export interface GitHub {
  propose(proposal: Proposal, to: Remote): Promise<Proposed>;
  look: Forge["look"];
}

const PATIENCE_MS = 20_000;

/** Pull requests of a GitHub, by its REST API. */
export function createGitHub({ web, api }: Host, { token, now }: { token: string | null; now: () => number }): GitHub {
  const ask = (signal?: AbortSignal): typeof request =>
    request.defaults({
      baseUrl: api,
      headers: { authorization: `Bearer ${token ?? ""}`, "x-github-api-version": "2022-11-28", "user-agent": "oca" },
      request: {
        signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]),
        log: QUIET,
      },
    });
  return {
    async propose(proposal, to) {
      if (token === null)
        return { ok: false, block: { why: "pull", reason: "token", error: `${web}: no token`, until: null } };
      try {
        const pull = await stand(ask(proposal.signal), proposal, to);
        const { number, draft = false } = pull;
        const url = `${web}/${to.path}/pull/${number}`;
        const { head } = proposal;
        const made: Request = {
          is: "request",
          web,
          repo: to.path,
          number,
          url,
          state: "open",
          draft,
          head,
          news: [],
          told: [],
        };
        return { ok: true, pull: made };
      } catch (error) {
        proposal.signal.throwIfAborted();
        return { ok: false, block: blockOf(error, now()) };
      }
    },
    async look({ repo: path, number, head }) {
      try {
        const pull = { ...names(path), pull_number: number };
        const { data } = await ask()("GET /repos/{owner}/{repo}/pulls/{pull_number}", pull);
        const state = stateOf(data);
        const news = state === "open" ? await newsOf(ask(), { ...names(path), number, head }) : [];
        return { is: "known", state, draft: data.draft ?? false, news };
      } catch (error) {
        const until = refusalOf(error)?.limitedUntil(now()) ?? null;
        if (until === null) throw error;
        return { is: "limited", until };
      }
    },
  };
}

const stateOf = ({ merged_at, state }: Pull): Request["state"] =>
  merged_at ? "merged" : state === "open" ? "open" : "closed";

/** What octokit would write to the terminal. */
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function names(path: string): { owner: string; repo: string } {
  const [owner = "", repo = ""] = path.split("/");
  return { owner, repo };
}

interface Pull {
  number: number;
  body?: string | null;
  state: string;
  draft?: boolean;
  merged_at?: string | null;
}

/** The open pull request of the branch: the one that is there, the one that was closed, or a new one. */
async function stand(ask: typeof request, proposal: Proposal, to: Remote): Promise<Pull> {
  const found = await find(ask, proposal, to);
  const pull = found && (await update(ask, found, { proposal, to }));
  if (pull) return pull;
  try {
    return await create(ask, proposal, to);
  } catch (error) {
    // The answer may have been lost, or somebody was faster: only the server knows.
    const made = refusalOf(error)?.status === 401 ? null : await find(ask, proposal, to).catch(() => null);
    if (made?.state === "open") return made;
    throw error;
  }
}

async function find(ask: typeof request, { remotes, branch }: Proposal, to: Remote): Promise<Pull | null> {
  const head = `${names(remotes.origin.path).owner}:${branch}`;
  const query = { ...names(to.path), head, state: "all", sort: "created", direction: "desc", per_page: 20 } as const;
  const { data } = await ask("GET /repos/{owner}/{repo}/pulls", query);
  const open = data.find(({ state }) => state === "open");
  return open ?? data.find(({ merged_at }) => !merged_at) ?? null;
}

/** Null: it cannot be opened again. */
async function update(
  ask: typeof request,
  pull: Pull,
  { proposal, to }: { proposal: Proposal; to: Remote },
): Promise<Pull | null> {
  const body = renew(pull.body ?? "", proposal.body);
  const reopens = pull.state !== "open";
  const changes = { ...(body === (pull.body ?? "") ? {} : { body }), ...(reopens && { state: "open" as const }) };
  if (Object.keys(changes).length === 0) return pull;
  const at = { ...names(to.path), pull_number: pull.number };
  try {
    return (await ask("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...at, ...changes })).data;
  } catch (error) {
    if (reopens && refusalOf(error)?.status === 422) return null;
    throw error;
  }
}

async function create(ask: typeof request, proposal: Proposal, to: Remote): Promise<Pull> {
  const { remotes, base, branch, title, body } = proposal;
  const { owner } = names(remotes.origin.path);
  const head = to.path === remotes.origin.path ? branch : `${owner}:${branch}`;
  const pull = { ...names(to.path), title, head, base, body: wrap(body) };
  const post = async (draft: boolean) => (await ask("POST /repos/{owner}/{repo}/pulls", { ...pull, draft })).data;
  try {
    return await post(true);
  } catch (error) {
    // Not every plan of GitHub has drafts.
    if (!/draft/i.test(refusalOf(error)?.words ?? "")) throw error;
    return post(false);
  }
}
