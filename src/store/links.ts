import { join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import { durable } from "../lib/durable.ts";
import { createSerial } from "../lib/serial.ts";

/** People whom several chats know, each by all of their ids. `sure`: an owner has said so too. */
const Linked = z.object({ ids: z.array(z.string()).min(2), sure: z.boolean() });
type Linked = z.infer<typeof Linked>;

export interface Links {
  all(): readonly Linked[];
  /** Durable when it resolves. Whoever is linked already brings all of their ids; an owner has to be sure anew. */
  link(a: string, b: string): Promise<void>;
  unlink(id: string): Promise<void>;
  confirm(id: string): Promise<void>;
}

/** Throws `Broken` when `links.json` cannot be understood: one person with two votes would be the price. */
export async function openLinks(folder: string): Promise<Links> {
  const adapter = durable(join(folder, "links.json"), z.array(Linked));
  const saved = new Low<Linked[]>(adapter, []);
  await saved.read();
  let all = saved.data;
  const serial = createSerial();
  const change = (how: (all: readonly Linked[]) => Linked[]): Promise<void> =>
    serial("links", async () => {
      const next = how(all);
      await new Low(adapter, next).write();
      all = next;
    });
  const has = (id: string) => (one: Linked) => one.ids.includes(id);
  return {
    all: () => all,
    link: (a, b) =>
      change((old) => {
        const ids = [a, b].flatMap((id) => old.find(has(id))?.ids ?? [id]);
        return [...old.filter((one) => !has(a)(one) && !has(b)(one)), { ids: [...new Set(ids)], sure: false }];
      }),
    unlink: (id) => change((old) => old.filter((one) => !has(id)(one))),
    confirm: (id) => change((old) => old.map((one) => (has(id)(one) ? { ...one, sure: true } : one))),
  };
}
