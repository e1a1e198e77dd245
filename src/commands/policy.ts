import { z } from "zod";
import { atLeast } from "../core/authority.ts";
import { Rule } from "../core/policy.ts";
import type { View } from "../core/view.ts";
import { unknownRepo } from "../view/channel.ts";
import { fixedRule, ruleSet, rules } from "../view/policy.ts";
import { refusal } from "../view/refusal.ts";
import { type Command, command, type Desk } from "./command.ts";

/** What repositories allow: all of them, one, or one from now on. `reset`: it is asked again. */
export const policy: Command = command({
  name: "policy",
  params: ["repo", "rule"],
  role: "observer",
  input: z.object({ repo: z.string().max(64).optional(), rule: z.enum([...Rule.options, "reset"]).optional() }),
  run: async ({ repo, rule }, desk) => {
    if (repo === undefined) return rules(desk.rules(), desk.t);
    if (!desk.repos.includes(repo)) return unknownRepo(repo, desk.repos, desk.t);
    const of = desk.rules().filter((one) => one.repo === repo);
    return rule === undefined ? rules(of, desk.t) : set(repo, rule === "reset" ? null : rule, desk);
  },
});

async function set(repo: string, rule: Rule | null, desk: Desk): Promise<View> {
  if (!atLeast(desk.by.role, "owner"))
    return refusal({ refused: "role", needs: "owner", id: desk.by.id }, desk.session, desk.t);
  if (desk.rules().some((one) => one.repo === repo && one.from === "config")) return fixedRule(repo, desk.t);
  await desk.setRule(repo, rule);
  return ruleSet(repo, rule, desk.t);
}
