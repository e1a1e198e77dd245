import type { Remote, Remotes } from "../core/ports/git.ts";
import { GitExit } from "./run.ts";
import type { Site } from "./site.ts";

/** Where a push goes, and what that was forked from. Null: to no server, so nobody could look at a pull request. */
export async function remotes(site: Site): Promise<Remotes | null> {
  const origin = await remoteOf(site, "origin");
  return origin && { origin, upstream: await remoteOf(site, "upstream") };
}

async function remoteOf(site: Site, name: string): Promise<Remote | null> {
  try {
    return readRemote((await site.main(["remote", "get-url", "--push", name])).trim());
  } catch (error) {
    if (error instanceof GitExit) return null; // there is none of that name
    throw error;
  }
}

const HTTP = /^(https?):\/\/(?:[^/@]*@)?([^/@:]+(?::\d+)?)\/(.+)$/i;
const SSH = /^(?:ssh|git\+ssh):\/\/(?:[^/@]*@)?([^/@:]+)(?::\d+)?\/(.+)$/i;
/** `git@host:owner/name`, which has no slash before its colon. */
const SCP = /^(?:[^/@:]+@)?([^/@:]{2,}):(?!\/\/)(.+)$/;

/** The server of an address that git pushes to; null for a folder, and for what nobody can push to. */
export function readRemote(address: string): Remote | null {
  const [, scheme = "", server = "", way = ""] = HTTP.exec(address) ?? [];
  if (server !== "") return at(`${scheme.toLowerCase()}://${server}`, way);
  const [, host = "", path = ""] = SSH.exec(address) ?? (address.includes("://") ? null : SCP.exec(address)) ?? [];
  return host === "" ? null : at(`https://${host.replace(/^ssh\.github\.com$/i, "github.com")}`, path);
}

function at(web: string, way: string): Remote | null {
  const path = way
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "");
  return URL.canParse(web) && /^[\w.~-]+(?:\/[\w.~-]+)+$/.test(path) ? { web: web.toLowerCase(), path } : null;
}
