import type { Rule } from "./core/policy.ts";
import type { Store } from "./core/ports/store.ts";
import type { Engine } from "./engine/engine.ts";
import type { Rules } from "./engine/work.ts";
import type { OpenHouse } from "./house.ts";

interface RulesDeps {
  house: OpenHouse;
  store: Pick<Store, "all">;
  engine: () => Pick<Engine, "dispatch">;
  now: () => number;
}

/** What repositories allow: what is said of one counts at once for every session that is open there. */
export function createRules({ house, store, engine, now }: RulesDeps): Rules & {
  /** Null: it is asked again. */
  put(repo: string, rule: Rule | null): Promise<void>;
} {
  async function put(repo: string, rule: Rule | null): Promise<void> {
    await house.setRule(repo, rule);
    const open = (await store.all()).filter(
      ({ phase, workspace }) => phase.at !== "closed" && workspace?.repo === repo,
    );
    const at = now();
    // Not waited for: the session that was asked may be among them, and is at work.
    for (const { id } of open)
      void engine()
        .dispatch(id, { type: "ruled", id: `ruled:${at}`, at, by: null, rule })
        .catch(() => undefined); // stopping, or the disk is full: each learns of it in its next preparation
  }
  return { get: (repo) => house.rule(repo)?.rule ?? null, set: put, put };
}
