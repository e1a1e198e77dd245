import type { Linking, Side } from "./commands/command.ts";
import type { Person } from "./core/parts.ts";
import type { OpenHouse } from "./house.ts";
import { newCode } from "./owner.ts";
import { asked, linkCode, linked, linking } from "./view/link.ts";

const VALID_MS = 10 * 60_000;

interface Open {
  until: number;
  sides: Side[];
  agreed: Set<string>;
}

/** Codes are kept in memory: a restart ends what was begun. */
export function createLinking(house: OpenHouse, now: () => number): Linking {
  const open = new Map<string, Open>();
  const find = (code: string): Open | undefined => {
    for (const [old, { until }] of open) if (until < now()) open.delete(old);
    return open.get(code.toLowerCase());
  };
  return {
    begin: (side) => {
      const code = newCode();
      open.set(code, { until: now() + VALID_MS, sides: [side], agreed: new Set() });
      return linkCode(code, side.t);
    },
    give: async (code, second) => {
      const one = find(code);
      const [first, other] = one?.sides ?? [];
      if (!one || !first || other) return linking("late", second.t);
      if (first.by.chat === second.by.chat || house.ids(first.by).includes(idOf(second.by)))
        return linking("same", second.t);
      one.sides.push(second);
      await first.tell(asked([first.by, second.by], code, first.t));
      return asked([first.by, second.by], code, second.t);
    },
    agree: async (code, { by, t }) => {
      const one = find(code);
      const [first, second] = one?.sides ?? [];
      const mine = [first, second].find((side) => side && idOf(side.by) === idOf(by));
      if (!one || !first || !second || !mine) return linking("late", t);
      one.agreed.add(idOf(by));
      if (one.agreed.size < 2) return linking("waiting", t);
      open.delete(code.toLowerCase());
      await house.link(first.by, second.by);
      const other = mine === first ? second : first;
      await other.tell(linked([first.by, second.by], other.t));
      return linked([first.by, second.by], t);
    },
  };
}

const idOf = ({ chat, user }: Person): string => `${chat}:${user}`;
