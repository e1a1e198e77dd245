import type { ElicitationContentValue } from "@agentclientprotocol/sdk";
import type { Answer, What } from "../../core/ask.ts";
import type { Field } from "../wire/acp.ts";

/** A field of a form, as a question. */
export function questionOf(field: Field, text: string): Extract<What, { kind: "question" }> {
  const choices = choicesOf(field);
  const preset = Array.isArray(field.default) ? field.default[0] : field.default;
  const recommended = choices.findIndex(({ value }) => value === preset);
  return {
    kind: "question",
    text,
    options: choices.map(({ label }) => ({ label, detail: "" })),
    multi: field.type === "array",
    free: choices.length === 0,
    recommended: recommended === -1 ? null : recommended,
  };
}

function choicesOf({ type, oneOf, items, enum: plain }: Field): { value: unknown; label: string }[] {
  const titled = oneOf ?? items?.anyOf;
  if (titled) return titled.map((one) => ({ value: one.const, label: one.title ?? one.const }));
  const values = plain ?? items?.enum;
  if (values) return values.map((value) => ({ value, label: value }));
  return type === "boolean" ? [true, false].map((value) => ({ value, label: value ? "Yes" : "No" })) : [];
}

export function answerOf(field: Field, { labels, text }: Extract<Answer, { is: "picked" }>): ElicitationContentValue {
  const choices = choicesOf(field);
  const picked = labels.map((label) => choices.find((choice) => choice.label === label)?.value ?? label);
  if (field.type === "array") return [...picked.map(String), ...(text === null ? [] : [text])];
  if (field.type === "boolean") return picked[0] === true;
  const value = text ?? String(picked[0] ?? "");
  return field.type === "number" || field.type === "integer" ? Number(value) : value;
}
