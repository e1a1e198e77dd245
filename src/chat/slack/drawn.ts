import { createHash } from "node:crypto";
import type { Button, Document, View } from "../../core/view.ts";
import { isStop } from "./button.ts";

/** What this process drew last: what people may do with each card, and the files that hang on it. */
export interface Drawn {
  /** Null: not drawn by this process. */
  face(id: string): string | null;
  /** Returns the files that do not hang on the card yet. */
  note(id: string, view: View, files: readonly Document[]): Document[];
}

const KEPT = 2000;

export function createDrawn(): Drawn {
  const cards = new Map<string, { face: string; files: ReadonlySet<string> }>();
  return {
    face: (id) => cards.get(id)?.face ?? null,
    note: (id, view, files) => {
      const known = cards.get(id)?.files ?? new Set();
      cards.delete(id);
      cards.set(id, { face: faceOf(view), files: new Set([...known, ...files.map(keyOf)]) });
      for (const oldest of cards.keys()) if (cards.size > KEPT) cards.delete(oldest);
      return files.filter((file) => !known.has(keyOf(file)));
    },
  };
}

/** What is offered to people, and how it stands: a change of it does not wait. While the bot moves, all else is progress. */
export const faceOf = ({ buttons, mood, documents }: View): string =>
  JSON.stringify([mood, buttons.map(offerOf), documents.map(({ name }) => name)]);

const offerOf = (button: Button): object => (isStop(button) ? { ...button, does: "stop" } : button);

const keyOf = ({ name, text }: Document): string => `${name}:${createHash("sha256").update(text).digest("hex")}`;
