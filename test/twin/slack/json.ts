import { z } from "zod";

export type Json = Record<string, unknown>;
export const Obj = z.record(z.string(), z.unknown());

/** The value as an object, a list of objects or a string; empty when it is something else. */
export const obj = (value: unknown): Json => Obj.safeParse(value).data ?? {};
export const objs = (value: unknown): Json[] => (Array.isArray(value) ? value.map(obj) : []);
export const str = (value: unknown): string => (typeof value === "string" ? value : "");

/** What Slack answers to a call that it refuses. */
export const refuse = (error: string, more: Json = {}): Json => ({ ok: false, error, ...more });

/** Every object in a value, outermost first. */
export function* within(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const item of value) yield* within(item);
  else if (typeof value === "object" && value !== null) {
    yield obj(value);
    for (const item of Object.values(value)) yield* within(item);
  }
}
