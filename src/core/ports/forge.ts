import type { Block } from "../parts.ts";
import type { News, Pull, Request } from "../pull.ts";
import type { Remotes } from "./git.ts";

/** A branch that is pushed, and what its pull request is to say. */
export interface Proposal {
  remotes: Remotes;
  /** Short names of branches. */
  base: string;
  branch: string;
  head: string;
  title: string;
  /** Markdown. Text of people and agents in it is quoted and mentions nobody. */
  body: string;
  signal: AbortSignal;
}

/** How a pull request stands, and all that is said about it now. */
export type Standing =
  | ({ is: "known"; news: News[] } & Pick<Request, "state" | "draft">)
  /** The server wants no questions before this time. */
  | { is: "limited"; until: number };

/** Servers where a branch becomes a pull request: one port, whatever they are. */
export interface Forge {
  /**
   * Makes it true that the branch has an open pull request that says this, however often it runs: what is there is
   * brought up to date, never doubled, and what people wrote into it stays. A server that oca only knows by its address
   * gives a page where a person opens it.
   */
  propose(proposal: Proposal): Promise<{ ok: true; pull: Pull } | { ok: false; block: Block }>;
  /** Rejects when the server cannot be asked. */
  look(request: Request): Promise<Standing>;
}
