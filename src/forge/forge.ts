import type { Forge } from "../core/ports/forge.ts";
import type { Remote } from "../core/ports/git.ts";
import type { Spawn } from "../core/ports/spawn.ts";
import { createGitHub } from "./github.ts";
import { page } from "./page.ts";
import { createTokens } from "./token.ts";

/** A GitHub: its address for people, and where its API is. */
export interface Host {
  web: string;
  api: string;
}

export interface ForgeOrder {
  /** GitHub Enterprise, by its address for people; null: only github.com. */
  url: string | null;
  /** For `url` if that is set, else for github.com; null: what `gh` is logged in with. */
  token: string | null;
  spawn: Spawn;
  env: Readonly<Record<string, string>>;
  now: () => number;
}

const PUBLIC: Host = { web: "https://github.com", api: "https://api.github.com" };

/** The GitHubs that oca knows. */
export const hostsOf = (url: string | null): Host[] => [
  PUBLIC,
  ...(url === null ? [] : [{ web: url, api: `${url}/api/v3` }]),
];

/** Where the configured token belongs. */
export const homeOf = (url: string | null): string => url ?? PUBLIC.web;

/** Servers by their address: pull requests where it is a GitHub, a page to open one by hand anywhere else. */
export function createForge({ url, token, spawn, env, now }: ForgeOrder): Forge {
  const hosts = hostsOf(url);
  const tokenFor = createTokens({ own: { web: homeOf(url), token }, spawn, env });
  const hostOf = ({ web }: Pick<Remote, "web">) => hosts.find((host) => host.web === web);
  return {
    async propose(proposal) {
      const { origin, upstream } = proposal.remotes;
      const to = upstream?.web === origin.web ? upstream : origin;
      const host = hostOf(to);
      const { branch, base, head } = proposal;
      if (!host) return { ok: true, pull: { is: "branch", url: page(to, { from: origin, branch, base }), head } };
      return createGitHub(host, { token: await tokenFor(host.web), now }).propose(proposal, to);
    },
    async look(request) {
      const host = hostOf(request);
      if (!host) throw new Error(`${request.web} is no GitHub that oca knows: is github.url still set?`);
      return createGitHub(host, { token: await tokenFor(host.web), now }).look(request);
    },
  };
}
