import { z } from "zod";
import { Person, Thread } from "../core/parts.ts";
import type { Card } from "../core/ports/store.ts";
import type { View } from "../core/view.ts";

/** What of a view is looked at again after a restart. The rest is only ever compared or drawn anew. */
const Drawn = z.object({
  head: z.string(),
  title: z.string(),
  mood: z.string(),
  parts: z.array(z.looseObject({ kind: z.string() })),
  buttons: z.array(z.looseObject({ label: z.string() })),
  documents: z.array(z.looseObject({ name: z.string(), text: z.string() })),
  mentions: z.array(Person),
});

/** The cards of one session as they lie on the disk. */
export const Cards: z.ZodType<readonly Card[]> = z.array(
  z.object({
    thread: Thread,
    role: z.enum(["living", "decision"]),
    message: Thread.extend({ id: z.string() }),
    court: z.string().nullable(),
    offer: z.number().nullable(),
    postedAt: z.number(),
    below: z.number(),
    view: z.custom<View>((value) => Drawn.safeParse(value).success),
  }),
);
