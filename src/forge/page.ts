import type { Remote } from "../core/ports/git.ts";

/** Where a person opens a merge request for a pushed branch; the repository itself where nobody knows the way. */
export function page(to: Remote, { from, branch, base }: { from: Remote; branch: string; base: string }): string {
  const [source, target] = [branch, base].map(encodeURIComponent);
  const host = new URL(to.web).hostname;
  if (/gitlab/.test(host))
    return `${from.web}/${from.path}/-/merge_requests/new?merge_request[source_branch]=${source}&merge_request[target_branch]=${target}`;
  if (host === "bitbucket.org") return `${from.web}/${from.path}/pull-requests/new?source=${source}&dest=${target}`;
  if (/gitea|forgejo|codeberg|gogs/.test(host)) return `${to.web}/${to.path}/compare/${base}...${branch}`;
  return `${to.web}/${to.path}`;
}
