import { join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import { Role } from "../core/authority.ts";
import type { Person } from "../core/parts.ts";
import { Rule } from "../core/policy.ts";
import { durable } from "../lib/durable.ts";
import { createSerial } from "../lib/serial.ts";

/**
 * What was given while oca ran: the first owner's role, those of invited people (by `Person.id`), and by `chat:channel`
 * the repository that it is about, who may what there and when its digest was said last; by repository what it allows.
 */
const Given = z.object({
  people: z.record(z.string(), Role),
  channels: z
    .record(
      z.string(),
      z.object({
        repo: z.string().optional(),
        everybody: Role.optional(),
        people: z.record(z.string(), Role).default({}),
        digestAt: z.number().optional(),
      }),
    )
    .default({}),
  rules: z.record(z.string(), Rule).default({}),
});
type Given = z.infer<typeof Given>;

export interface GivenRoles {
  roles(): Readonly<Given>;
  /** Durable when it resolves; until then, and if it fails, the old role holds. */
  set(person: Person["id"], role: Role): Promise<void>;
  /** Binds a channel to a repository. */
  bind(channel: string, repo: string): Promise<void>;
  /** When a channel was last told what is open there. */
  digestAt(channel: string): number | null;
  digested(channel: string, at: number): Promise<void>;
  /** What a repository allows; null: nobody has said. */
  rule(repo: string, rule: Rule | null): Promise<void>;
  /** Gives one person, or everybody (null), a role in one channel. */
  allow(channel: string, person: Person["id"] | null, role: Role): Promise<void>;
}

/** Throws `Broken` when `roles.json` cannot be understood: to start without its owners would lock everybody out. */
export async function openRoles(folder: string): Promise<GivenRoles> {
  const adapter = durable(join(folder, "roles.json"), Given);
  const saved = new Low<Given>(adapter, { people: {}, channels: {}, rules: {} });
  await saved.read();
  let given = saved.data;
  const serial = createSerial();
  const change = (how: (given: Given) => Given): Promise<void> =>
    serial("roles", async () => {
      const next = how(given);
      await new Low(adapter, next).write();
      given = next;
    });
  const inChannel = (channel: string, how: (old: Given["channels"][string]) => Given["channels"][string]) =>
    change((old) => ({
      ...old,
      channels: { ...old.channels, [channel]: how(old.channels[channel] ?? { people: {} }) },
    }));
  return {
    roles: () => given,
    set: (person, role) => change((old) => ({ ...old, people: { ...old.people, [person]: role } })),
    bind: (channel, repo) => inChannel(channel, (old) => ({ ...old, repo })),
    digestAt: (channel) => given.channels[channel]?.digestAt ?? null,
    digested: (channel, digestAt) => inChannel(channel, (old) => ({ ...old, digestAt })),
    rule: (repo, rule) =>
      change(({ rules: { [repo]: _, ...others }, ...old }) => ({
        ...old,
        rules: rule === null ? others : { ...others, [repo]: rule },
      })),
    allow: (channel, person, role) =>
      inChannel(channel, (old) =>
        person === null ? { ...old, everybody: role } : { ...old, people: { ...old.people, [person]: role } },
      ),
  };
}
