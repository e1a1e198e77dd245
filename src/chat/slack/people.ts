import type { WebClient } from "@slack/web-api";
import type { View } from "../../core/view.ts";
import { isTimezone } from "../../lib/zoned.ts";

interface Known {
  name: string;
  locale: string;
  timezone: string | null;
  /** Has left the workspace: nobody hears a mention. */
  left: boolean;
  at: number;
}

const FRESH_MS = 3_600_000;
const KEPT = 2000;

/** Names, languages and time zones of people, asked for once an hour. */
export interface People {
  /** Resolves when everybody's name is known, or cannot be learnt now. */
  meet(users: readonly string[]): Promise<void>;
  name(user: string): string;
  locale(user: string): string;
  /** IANA name; null: not known. */
  timezone(user: string): string | null;
  /** Who has left is named instead of mentioned. */
  addressed(view: View): Promise<View>;
}

export function createPeople(client: WebClient, now: () => number): People {
  const known = new Map<string, Known>();
  const learn = async (user: string): Promise<void> => {
    const { user: found } = await client.users.info({ user, include_locale: true });
    const name = found?.profile?.display_name || found?.real_name || found?.name || user;
    known.delete(user);
    const { locale = "en", tz, deleted: left = false } = found ?? {};
    const timezone = tz !== undefined && isTimezone(tz) ? tz : null;
    known.set(user, { name, locale, timezone, left, at: now() });
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest);
  };
  const meet: People["meet"] = async (users) => {
    const wanted = users.filter((user) => now() - (known.get(user)?.at ?? -FRESH_MS) >= FRESH_MS);
    // Without a name the id stands for it: a message is never lost for that.
    await Promise.all(wanted.map((user) => learn(user).catch(() => undefined)));
  };
  return {
    meet,
    name: (user) => known.get(user)?.name ?? user,
    locale: (user) => known.get(user)?.locale ?? "en",
    timezone: (user) => known.get(user)?.timezone ?? null,
    addressed: async (view) => {
      await meet(view.mentions.flatMap(({ chat, user }) => (chat === "slack" ? [user] : [])));
      const left = view.mentions.filter(({ chat, user }) => chat === "slack" && known.get(user)?.left);
      if (left.length === 0) return view;
      const text = left.map(({ name }) => name).join(", ");
      const mentions = view.mentions.filter((person) => !left.includes(person));
      return { ...view, mentions, parts: [{ kind: "line", text, tone: "plain" }, ...view.parts] };
    },
  };
}
