import type { Rule } from "../core/policy.ts";
import type { View } from "../core/view.ts";
import { repoName } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, line, muted } from "./part.ts";

interface Ruled {
  repo: string;
  rule: Rule | null;
  from: "config" | "asked" | "nobody";
}

/** What each repository allows, and who said so. */
export const rules = (all: readonly Ruled[], t: T): View =>
  answer(t("reply:policy.head"), [
    ...all.map(({ repo, rule, from }) =>
      line(
        t("reply:policy.row", {
          repo: repoName(repo),
          rule: rule ?? t("reply:policy.open"),
          what: t(`reply:policy.from.${from}`),
        }),
      ),
    ),
    muted(t("reply:policy.hint")),
  ]);

export const ruleSet = (repo: string, rule: Rule | null, t: T): View =>
  rule === null
    ? answer(t("reply:policy.reset", { repo: repoName(repo) }))
    : answer(t("reply:policy.set", { repo: repoName(repo), rule }), [line(t(`reply:policy.is.${rule}`))]);

export const fixedRule = (repo: string, t: T): View =>
  answer(t("reply:policy.fixed", { repo: repoName(repo) }), [muted(t("reply:policy.where", { repo: repoName(repo) }))]);
