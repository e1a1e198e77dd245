import { answerer } from "../core/ask.ts";
import { atLeast, type Role } from "../core/authority.ts";
import type { Person } from "../core/parts.ts";
import type { Git } from "../core/ports/git.ts";
import type { Store } from "../core/ports/store.ts";
import { asksOf, isOwn, type Session } from "../core/session.ts";
import { sharing } from "../core/sharing.ts";
import type { Live, Seen, Verbosity, Waits } from "../core/view.ts";
import type { House } from "./house.ts";
import type { Lanes, Pool } from "./pool.ts";
import { placeOf } from "./work.ts";

/** More names help nobody: who is mentioned tells the others. */
const MENTIONS = 5;

export interface SightDeps {
  house: House;
  live: ReadonlyMap<string, Live>;
  pool: Pool;
  lanes: Lanes;
  git: Pick<Git, "path">;
  now: () => number;
  pages: boolean;
  store: Pick<Store, "all" | "get">;
}

/** What a card needs to know beside the session. */
export function createSight(deps: SightDeps): (s: Session, trouble: string | null, chat: string) => Promise<Seen> {
  const { house, live, git, now, pages, store } = deps;
  return async (s, trouble, chat) => ({
    now: now(),
    live: live.get(s.id) ?? null,
    verbosity: verbosityOf(s, house),
    waits: await waiting(s.id, deps),
    checkout: isOwn(s) ? git.path(placeOf(s)) : null,
    mentions: whoMustAct(s, house, chat),
    timezone: house.timezone,
    trouble,
    pages,
    sharing: s.phase.at === "reviewing" ? sharing(s, await store.all()) : [],
  });
}

async function waiting(id: string, { lanes, pool, store }: SightDeps): Promise<Waits | null> {
  const lane = lanes.waits(id);
  if (lane) return { for: "checkout", place: lane.place, behind: (await store.get(lane.behind))?.title ?? "" };
  const place = pool.place(id);
  return place === null ? null : { for: "slot", place };
}

const verbosityOf = ({ threads: [home] }: Session, house: House): Verbosity =>
  home ? house.channel(home).cards : "normal";

/** The requester, if he may decide what stands open; else those of this chat who may. */
function whoMustAct(s: Session, house: House, chat: string): Person[] {
  const [home] = s.threads;
  const role = roleThatActs(s);
  if (!home || !role) return [];
  const may = (person: Person) => atLeast(house.role(home, person), role);
  if (may(s.requester)) return [house.as(s.requester, chat)];
  const here = house.people().filter((person) => person.chat === chat);
  return here.filter(may).slice(0, MENTIONS);
}

function roleThatActs(s: Session): Role | null {
  const [ask] = asksOf(s);
  if (ask) return answerer(ask.what);
  switch (s.phase.at) {
    case "deciding":
      return "approver";
    case "reviewing":
      return s.phase.changes.commits > 0 && !isOwn(s) ? "merger" : "requester";
    case "paused":
    case "closed":
      return "requester";
    default:
      return null;
  }
}
