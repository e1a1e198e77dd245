import type { request } from "@octokit/request";
import type { News } from "../core/pull.ts";
import { refusalOf } from "./refused.ts";

interface Place {
  owner: string;
  repo: string;
  number: number;
  head: string;
}

const FAILED: readonly (string | null)[] = ["failure", "timed_out", "action_required", "startup_failure"];

/** What people and checks say about an open pull request, oldest first. Talk of other bots is left out. */
export async function newsOf(ask: typeof request, { owner, repo, number, head }: Place): Promise<News[]> {
  const at = { owner, repo, per_page: 100 };
  const ref = { ...at, ref: head };
  const [reviews, comments, talk, runs, statuses] = await Promise.all([
    all((page) => ask("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", { ...at, page, pull_number: number })),
    all((page) => ask("GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", { ...at, page, pull_number: number })),
    all((page) =>
      ask("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", { ...at, page, issue_number: number }),
    ),
    allowed(ask("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", ref).then(({ data }) => data.check_runs)),
    allowed(ask("GET /repos/{owner}/{repo}/commits/{ref}/status", ref).then(({ data }) => data.statuses)),
  ]);
  const said = [
    ...reviews
      .filter(({ state }) => state !== "PENDING")
      .map((one) => comment("review", one, { text: one.body, time: one.submitted_at })),
    ...comments.map((one) => comment("line", one, { text: one.body, time: one.created_at, at: placeOf(one) })),
    ...talk
      .filter(({ user }) => user?.type !== "Bot")
      .map((one) => comment("talk", one, { text: one.body, time: one.created_at })),
  ].filter(({ news }) => news.text.trim() !== "");
  const failed = [
    ...runs
      .filter(({ conclusion }) => FAILED.includes(conclusion))
      .map(({ id, name, conclusion, output }) =>
        check(`run:${id}`, name, [output?.title ?? conclusion, output?.summary]),
      ),
    ...statuses
      .filter(({ state }) => state === "failure" || state === "error")
      .map(({ id, context, description, state }) => check(`status:${id}`, context, [description ?? state])),
  ];
  return [...said.toSorted((a, b) => a.time.localeCompare(b.time)).map(({ news }) => news), ...failed];
}

const PAGES = 5;

async function all<T>(get: (page: number) => Promise<{ data: T[] }>): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; page <= PAGES; page += 1) {
    const { data } = await get(page);
    found.push(...data);
    if (data.length < 100) break;
  }
  return found;
}

/** A token may read pull requests and no checks: then nothing is known of them. */
async function allowed<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    const refused = refusalOf(error);
    if ((refused?.status === 403 || refused?.status === 404) && refused.limitedUntil(0) === null) return [];
    throw error;
  }
}

interface Said {
  text: string | null | undefined;
  time: string | null | undefined;
  at?: string;
}

const comment = (
  kind: string,
  { id, user }: { id: number | bigint; user: { login: string } | null },
  { text, time, at = "" }: Said,
): { time: string; news: News } => ({
  time: time ?? "",
  news: { id: `${kind}:${id}`, kind: "comment", by: user?.login ?? "somebody", at, text: text ?? "" },
});

const placeOf = ({
  path,
  line,
  original_line,
}: {
  path: string;
  line?: number | undefined;
  original_line?: number | undefined;
}) => [path, line ?? original_line].filter((part) => part != null && part !== "").join(":");

const check = (id: string, by: string, words: (string | null | undefined)[]): News => ({
  id,
  kind: "check",
  by,
  at: "",
  text: words.filter(Boolean).join("\n\n"),
});
