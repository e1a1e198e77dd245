import type { View } from "../core/view.ts";
import type { T } from "./i18n.ts";
import { answer, line, muted, saying } from "./part.ts";

/** One command of the help: how it is written, and what it does. */
export interface Entry {
  line: string;
  about: string;
}

/** How to work with oca, and what it can be told. `now`: lines that the work of this thread takes, each a button. */
export function help(t: T, entries: readonly Entry[], now: readonly string[]): View {
  const usage = entries.map((entry) => muted(t("reply:help.entry", { line: entry.line, about: entry.about })));
  return answer(
    t("reply:help.head"),
    [line(t("reply:help.start")), line(t("reply:help.hints")), line(t("reply:help.words")), ...usage],
    now.map((words) => saying(`oca ${words.split(" ")[0]}`, words)),
  );
}
