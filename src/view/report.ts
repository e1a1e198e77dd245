import type { Check } from "../core/view.ts";
import type { T } from "./i18n.ts";

const SIGNS = { true: "ok  ", false: "BAD ", warn: "note" };

/** All findings of the doctor as lines for a terminal, with the fix below what is wrong. */
export function report(checks: readonly Check[], t: T): string {
  return checks
    .flatMap((check) => [
      `${SIGNS[`${check.ok}`]} ${says(check, t)}`,
      ...(check.ok === true ? [] : [`       ${fix(check, t)}`]),
    ])
    .join("\n");
}

// Ids come from src/doctor.ts; a test proves that each finding has its words in every language.
export const says = ({ id, is, values }: Check, t: T): string =>
  t(`doctor:${id}.${is}.says` as "doctor:git.missing.says", values as { needed: string });

export const fix = ({ id, is, values }: Check, t: T): string =>
  t(`doctor:${id}.${is}.fix` as "doctor:git.missing.fix", values as { needed: string });
