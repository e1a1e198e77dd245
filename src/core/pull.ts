import { z } from "zod";

/** What was said about a pull request, by people or by checks: data, and never a vote. `id` is the same each time. */
export const News = z.object({
  id: z.string(),
  kind: z.enum(["comment", "check"]),
  by: z.string(),
  /** The place in the code; empty for what is about all of it. */
  at: z.string(),
  text: z.string(),
});
export type News = z.infer<typeof News>;

/** Where the work of a branch was brought, so that others decide about it. `head`: the commit that oca pushed last. */
export const Pull = z.discriminatedUnion("is", [
  z.object({
    is: z.literal("request"),
    /** The server's address for people, and the repository there that it asks. */
    web: z.string(),
    repo: z.string(),
    number: z.number(),
    url: z.string(),
    state: z.enum(["open", "merged", "closed"]),
    draft: z.boolean(),
    head: z.string(),
    /** Not dealt with yet. */
    news: z.array(News).default([]),
    /** News that an agent was given. */
    told: z.array(z.string()).default([]),
  }),
  /** The branch is there; a person opens a request on this page. */
  z.object({ is: z.literal("branch"), url: z.string(), head: z.string() }),
  /** A request that was merged while work went on: what was made since has a branch of its own. `head`: what it was merged with. */
  z.object({ is: z.literal("merged"), number: z.number(), url: z.string(), branch: z.string(), head: z.string() }),
]);
export type Pull = z.infer<typeof Pull>;
export type Request = Extract<Pull, { is: "request" }>;

/** Whether the work got home there, all of it or a part. */
export const isMerged = (pull: Pull | null): boolean =>
  pull?.is === "merged" || (pull?.is === "request" && pull.state === "merged");
export const isOpen = (pull: Pull | null): boolean => pull?.is === "request" && pull.state === "open";
export const newsOf = (pull: Pull | null): readonly News[] => (pull?.is === "request" ? pull.news : []);
