// A process to be killed: saves words in one session for ever and prints each revision once it is saved.
import { openStore } from "../../src/store/store.ts";
import { next, opened, said } from "./stories.ts";

const store = await openStore({ folder: process.argv[2] ?? "", step: next, log: { warn: () => undefined } });
for (;;) {
  const old = (await store.get("abc")) ?? null;
  const event = old ? said(`m${old.rev + 1}`, "more".repeat(200)) : opened("abc", "Fix the login redirect");
  await store.put(next(old, event), event, old?.rev ?? null);
  process.stdout.write(`${(old?.rev ?? 0) + 1}\n`);
}
