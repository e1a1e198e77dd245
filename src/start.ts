import { userInfo } from "node:os";
import { type Config, loadConfig } from "./config.ts";
import { roleOf } from "./core/authority.ts";
import { createLog } from "./log.ts";
import { createOca, type Oca } from "./main.ts";
import type { T } from "./view/i18n.ts";

export interface Terminal {
  t: T;
  say(text: string): void;
}

/** Runs the bot until it is told to end. */
export async function start({ t, say }: Terminal): Promise<void> {
  const told = untilTold();
  const config = await loadConfig();
  const oca = await createOca(config, { log: createLog({ level: config.log }) });
  const names = Object.keys(config.repos);
  say(names.length > 0 ? t("cli:start.repos", { names: names.join(", ") }) : t("cli:start.noRepos"));
  if (oca.web) {
    if (!oca.slack && config.telegram.token === null) say(t("cli:start.noChat"));
    for (const line of await invitations(oca, config, t)) say(line);
  }
  for (const { chat, code } of oca.ownership.codes()) say(t("cli:start.own", { chat, code }));
  say(t("cli:start.stop"));
  await told;
  say(t("cli:start.stopping"));
  await oca.stop();
}

/** A link for each person of the configuration; when there is no owner yet, whoever reads this terminal becomes one. */
async function invitations({ web, house }: Oca, config: Config, t: T): Promise<string[]> {
  if (!web || config.web === "off") return [];
  const people = Object.entries(config.web.people).map(([user, name]) => ({
    id: `web:${user}`,
    chat: "web",
    user,
    name,
  }));
  const owned = Object.values(house.roles().people).includes("owner");
  const { username } = userInfo();
  const first = { id: `web:${username}`, chat: "web", user: username, name: username };
  if (!owned) await house.give(first, "owner");
  const mine = people.some(({ id }) => id === first.id) || (owned && !house.roles().people[first.id]) ? [] : [first];
  const lines: string[] = [];
  for (const person of [...mine, ...people]) {
    const role = roleOf(house.roles(), { chat: "web", channel: "general", thread: null }, person);
    lines.push(t("cli:start.invitation", { name: person.name, role, link: await web.enter(person) }));
  }
  return [...lines, t("cli:start.once")];
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export const untilTold = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
