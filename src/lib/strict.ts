import { z } from "zod";
import { nearest } from "./nearest.ts";

/** An object whose unknown keys are errors that name the nearest known one. */
export function strict<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => nearest(key, Object.keys(shape))).join("\n")
        : "an object",
  });
}

/** A value whose error says what is expected instead, in words that complete "give ...". */
export function say<T extends z.ZodType>(expected: string, type: T) {
  return z.unknown().transform((input, context): z.output<T> => {
    const read = type.safeParse(input);
    if (read.success) return read.data;
    context.addIssue({ code: "custom", message: expected, input });
    return z.NEVER;
  });
}

export function oneOf<const T extends readonly string[]>(options: T) {
  return z.enum(options, { error: () => `one of ${options.join(", ")}` });
}

export const Text = say("a text that is not empty", z.string().min(1));

export const YesNo = say("true or false", z.boolean());
