import { join } from "node:path";
import { Low } from "lowdb";
import { z } from "zod";
import { Role } from "../core/authority.ts";
import type { Person } from "../core/parts.ts";
import { durable } from "../lib/durable.ts";
import { createSerial } from "../lib/serial.ts";

/** Roles that were given while oca ran: the first owner's, and those of invited people. By `Person.id`. */
const Given = z.object({ people: z.record(z.string(), Role) });
type Given = z.infer<typeof Given>;

export interface GivenRoles {
  roles(): Readonly<Given>;
  /** Durable when it resolves; until then, and if it fails, the old role holds. */
  set(person: Person["id"], role: Role): Promise<void>;
}

/** Throws `Broken` when `roles.json` cannot be understood: to start without its owners would lock everybody out. */
export async function openRoles(folder: string): Promise<GivenRoles> {
  const adapter = durable(join(folder, "roles.json"), Given);
  const saved = new Low<Given>(adapter, { people: {} });
  await saved.read();
  let given = saved.data;
  const serial = createSerial();
  return {
    roles: () => given,
    set: (person, role) =>
      serial("roles", async () => {
        const next = { people: { ...given.people, [person]: role } };
        await new Low(adapter, next).write();
        given = next;
      }),
  };
}
