import { expect, test } from "vitest";
import { migrate, Newer, SavedSession } from "../../src/store/migrate.ts";
import { next, opened } from "./stories.ts";

const migrations = {
  1: ({ name, ...old }: Record<string, unknown>) => ({ ...old, name, title: `${name}!` }),
  2: ({ name: _name, ...old }: Record<string, unknown>) => old,
};

test("an old document goes up version by version", () => {
  expect(migrate({ schema: 1, name: "fix" }, migrations)).toEqual({ schema: 3, title: "fix!" });
  expect(migrate({ schema: 2, name: "fix", title: "Fix" }, migrations)).toEqual({ schema: 3, title: "Fix" });
  expect(migrate({ schema: 3, title: "Fix" }, migrations)).toEqual({ schema: 3, title: "Fix" });
});

test("one of a newer oca is refused, with both versions", () => {
  expect(() => migrate({ schema: 4 }, migrations)).toThrow(Newer);
  expect(() => migrate({ schema: 4 }, migrations)).toThrow("version 4, this one knows 3");
});

test("what is no document is left to the schema", () => {
  for (const raw of [null, 7, "text", [], {}, { schema: "1" }]) expect(migrate(raw, migrations)).toBe(raw);
});

test("a session of today passes unchanged", () => {
  const session = next(null, opened("abc", "Fix the login redirect"));
  expect(SavedSession.parse(session)).toEqual(session);
});
