import { request } from "@octokit/request";
import type { Remote } from "../core/ports/git.ts";
import { type ForgeOrder, homeOf, hostsOf } from "./forge.ts";
import { refusalOf } from "./refused.ts";
import { createTokens } from "./token.ts";

const PATIENCE_MS = 10_000;

/** Whether pull requests can be opened in this repository; null: its server is no GitHub. Never throws, changes nothing. */
export async function probeGitHub(
  { web, path }: Remote,
  { url, token, spawn, env }: Omit<ForgeOrder, "now">,
): Promise<"fine" | "token" | "refused" | "unreachable" | null> {
  const host = hostsOf(url).find((one) => one.web === web);
  if (!host) return null;
  const found = await createTokens({ own: { web: homeOf(url), token }, spawn, env })(web);
  if (found === null) return "token";
  const [owner = "", repo = ""] = path.split("/");
  const headers = { authorization: `Bearer ${found}`, "user-agent": "oca" };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    await request("GET /repos/{owner}/{repo}/pulls", {
      ...{ baseUrl: host.api, headers, owner, repo, per_page: 1 },
      request: { signal },
    });
    return "fine";
  } catch (error) {
    return refusalOf(error) ? "refused" : "unreachable";
  }
}
