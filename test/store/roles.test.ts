import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Broken } from "../../src/lib/durable.ts";
import { openRoles } from "../../src/store/roles.ts";
import { emptyFolder } from "./folders.ts";

test("a given role holds at once and after a restart", async () => {
  const folder = await emptyFolder();
  const given = await openRoles(folder);
  expect(given.roles()).toEqual({ people: {}, channels: {}, rules: {} });
  await Promise.all([given.set("web:ada", "owner"), given.set("web:bob", "requester"), given.set("web:bob", "merger")]);
  expect(given.roles()).toEqual({ people: { "web:ada": "owner", "web:bob": "merger" }, channels: {}, rules: {} });
  expect((await openRoles(folder)).roles()).toEqual(given.roles());
});

test("a role that could not be saved is not given", async () => {
  const folder = await emptyFolder();
  const given = await openRoles(folder);
  await mkdir(join(folder, "roles.json", "in the way"), { recursive: true });
  await expect(given.set("web:eve", "owner")).rejects.toThrow();
  expect(given.roles()).toEqual({ people: {}, channels: {}, rules: {} });
  await rm(join(folder, "roles.json"), { recursive: true });
  await given.set("web:ada", "owner");
  expect((await openRoles(folder)).roles()).toEqual({ people: { "web:ada": "owner" }, channels: {}, rules: {} });
});

test("oca does not start without its owners", async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, "roles.json"), '{"people":{"web:ada":"emperor"}}');
  await expect(openRoles(folder)).rejects.toThrow(Broken);
});

test("what was set for a channel holds after a restart, and says nothing of other channels", async () => {
  const folder = await emptyFolder();
  const given = await openRoles(folder);
  await Promise.all([
    given.bind("slack:C1", "shop"),
    given.allow("slack:C1", null, "approver"),
    given.allow("slack:C1", "slack:U2", "merger"),
  ]);
  expect((await openRoles(folder)).roles().channels).toEqual({
    "slack:C1": { repo: "shop", everybody: "approver", people: { "slack:U2": "merger" } },
  });
});
