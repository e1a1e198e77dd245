import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bot } from "./stage.ts";

test("a voice message and no word is a request, and the recording lies where the agent can hear it", async () => {
  const { ana, at, oca, card } = await bot("a direct chat");
  const bytes = new Uint8Array([1, 2, 3]);
  await ana.sends({ name: "note.ogg", mime: "audio/ogg", bytes, as: "voice" }, "", { in: at });
  await card("Plan v1", "Approve");
  const [session] = await oca.oca.store.all();
  expect(await readdir(join(oca.data, "tmp", session?.id ?? "", "files"))).toEqual([
    expect.stringContaining("note.ogg"),
  ]);
});
