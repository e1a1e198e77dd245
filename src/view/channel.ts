import { ACTION_BYTES } from "../core/action.ts";
import { ROLES, type Role } from "../core/authority.ts";
import type { Person } from "../core/parts.ts";
import type { View } from "../core/view.ts";
import { label, list, oneLine, repoName } from "./format.ts";
import type { T } from "./i18n.ts";
import { answer, line, muted, saying, some } from "./part.ts";

const REPOS = 10;
const NAMES = 20;

/** What oca asks when it joins a channel. The buttons obey owners only, as the commands that they say do. */
export function joining(repos: readonly string[], t: T): View {
  const offered = repos.filter((repo) => `/oca bind ${repo}`.length <= ACTION_BYTES).slice(0, REPOS);
  return answer(
    t("reply:joining.head"),
    some(
      line(t("reply:joining.start")),
      repos.length > 1 && line(t("reply:joining.repo")),
      line(t("reply:joining.approve")),
      muted(t("reply:joining.owners")),
    ),
    [
      ...(repos.length > 1 ? offered.map((repo) => saying(repoName(repo), `bind ${repo}`)) : []),
      saying(t("reply:joining.everybody"), "allow approver everybody"),
    ],
  );
}

export const claimed = (is: boolean, { name, chat }: Person, t: T): View =>
  is
    ? answer(t("reply:own.done", { name: label(name, 80), chat }), [line(t("reply:own.next"))])
    : answer(t("reply:own.wrong"), [muted(t("reply:own.look"))]);

export const bound = (repo: string, t: T): View => answer(t("reply:bind.done", { repo: repoName(repo) }));

export const unknownRepo = (repo: string, repos: readonly string[], t: T): View =>
  answer(t("reply:bind.unknown", { repo: oneLine(repo, 80) }), [
    line(t("reply:bind.known", { repos: list(repos, 20, t) })),
  ]);

export const approved = (person: Person | null, role: Role, t: T): View =>
  answer(person ? t("reply:allow.done", { who: label(person.name, 80), role }) : t("reply:allow.everybody", { role }));

export const unknownPerson = (who: string, t: T): View =>
  answer(t("reply:allow.unknown", { who: oneLine(who, 80) }), [muted(t("reply:allow.meet"))]);

/** Who may what in a channel, the most powerful first. */
export function members(all: readonly { person: Person; role: Role }[], everybody: Role, t: T): View {
  const lines = ROLES.toReversed().flatMap((role) => {
    const names = all.flatMap(({ person, role: has }) => (has === role && role !== everybody ? [person.name] : []));
    return names.length > 0 ? [line(t("reply:who.role", { role, names: list(names, NAMES, t) }))] : [];
  });
  return answer(t("reply:who.head"), [...lines, line(t("reply:who.everybody", { role: everybody }))]);
}
