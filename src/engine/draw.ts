import type { Thread } from "../core/parts.ts";
import { isActive } from "../core/phase.ts";
import type { Chat } from "../core/ports/chat.ts";
import type { Card } from "../core/ports/store.ts";
import { court, type Session } from "../core/session.ts";
import type { Seen, View } from "../core/view.ts";
import { card } from "../view/card.ts";
import type { T } from "../view/i18n.ts";
import { living } from "../view/living.ts";
import { folded, settled } from "../view/settled.ts";
import type { Cards } from "./cards.ts";

/** With so many messages below it, a card is out of sight: it is folded and posted anew. */
const OUT_OF_SIGHT = 3;

export interface Place {
  thread: Thread;
  chat: Chat;
  cards: Cards;
  seen: Seen;
  t: T;
}

/** Makes one thread look like what is true of a session. What asks a person to act comes first: it is what they wait for. */
export async function draw(s: Session, place: Place): Promise<void> {
  const { seen, t } = place;
  const decision = card(s, seen, t);
  if (decision) await ask(s, decision, place);
  await settle(s, place);
  await keep(s, living(s, seen, t), place);
}

async function ask(s: Session, view: View, place: Place): Promise<void> {
  const moment = court(s);
  const offer = "offer" in s.phase ? s.phase.offer : null;
  const known = (await place.cards.in(s.id, place.thread)).find(
    (one) => one.role === "decision" && one.court === moment,
  );
  if (known) await redraw(s, known, { ...known, view, offer }, place);
  else await post(s, { role: "decision", court: moment, offer, view }, place);
}

/** Cards of moments that are over lose their buttons and say who decided. */
async function settle(s: Session, place: Place): Promise<void> {
  const moment = court(s);
  for (const old of await place.cards.in(s.id, place.thread)) {
    if (old.role !== "decision" || old.court === moment || old.court === null) continue;
    const view = settled(old.view, { s, court: old.court, timezone: place.seen.timezone }, place.t);
    await redraw(s, old, { ...old, court: null, offer: null, view }, place);
  }
}

async function keep(s: Session, view: View, place: Place): Promise<void> {
  const old = (await place.cards.in(s.id, place.thread)).findLast(({ role }) => role === "living");
  // While a question stands open, the question stays the last card.
  const moves = isActive(s.phase) && court(s) === null;
  if (old && !(moves && old.below >= OUT_OF_SIGHT)) return redraw(s, old, { ...old, view }, place);
  await post(s, { role: "living", court: null, offer: null, view }, place);
  if (old) await redraw(s, old, { ...old, role: "decision", view: folded(old.view, place.t) }, place);
}

async function post(
  s: Session,
  card: Pick<Card, "role" | "court" | "offer" | "view">,
  { thread, chat, cards }: Place,
): Promise<void> {
  const { at, ...message } = await chat.post(thread, card.view);
  await cards.add(s.id, { ...card, thread, message, postedAt: at, below: 0 });
}

async function redraw(s: Session, old: Card, card: Card, { chat, cards }: Place): Promise<void> {
  if (JSON.stringify(old) === JSON.stringify(card)) return;
  if (JSON.stringify(old.view) !== JSON.stringify(card.view)) await chat.edit(old.message, card.view);
  await cards.replace(s.id, old, card);
}
