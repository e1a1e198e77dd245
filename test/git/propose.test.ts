import { expect, test } from "vitest";
import { reasonOf, withoutKeys } from "../../src/git/propose.ts";
import { lines, ok, world } from "./repo.ts";

test.each([
  ["fatal: Authentication failed for 'https://github.com/acme/shop.git/'", "auth"],
  ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", "auth"],
  [
    "remote: Permission to acme/shop.git denied to ana.\nfatal: unable to access '...': The requested URL returned error: 403",
    "auth",
  ],
  ["git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "auth"],
  ["ERROR: Repository not found.\nfatal: Could not read from remote repository.", "auth"],
  [
    "remote: error: GH006: Protected branch update failed for refs/heads/x.\n ! [remote rejected] x -> x (protected branch hook declined)",
    "protected",
  ],
  [" ! [remote rejected] HEAD -> x (pre-receive hook declined)", "protected"],
  [" ! [rejected]        HEAD -> x (non-fast-forward)", "behind"],
  [" ! [rejected]        HEAD -> x (fetch first)", "behind"],
  ["fatal: unable to access 'https://github.com/': Could not resolve host: github.com", "offline"],
  ["ssh: connect to host github.com port 22: Connection timed out", "offline"],
  ["fatal: couldn't find remote ref refs/heads/gone", "base"],
  ["something that nobody has seen", "refused"],
])("%j means %s", (said, reason) => expect(reasonOf(said)).toBe(reason));

test("what git says is shown without the password of an address", () => {
  const said = "fatal: unable to access 'https://ana:s3cret@git.example.org/shop.git/': error: 403 for git@host";
  expect(withoutKeys(said)).toBe(
    "fatal: unable to access 'https://git.example.org/shop.git/': error: 403 for git@host",
  );
});

test("the branch is pushed as it is, twice does no harm, and the base is left alone", async () => {
  await using one = await world({ remote: true });
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": lines("a", { 3: "changed" }) });
  await session.inspect();
  const base = await one.git(one.root, "rev-parse", "main");
  expect(ok(await session.land({ how: "pr" }))).toMatchObject({ pushed: true });
  expect(ok(await session.land({ how: "pr" }))).toMatchObject({ pushed: true });
  const { branch } = session.place.workspace;
  expect(await one.git(one.origin, "rev-parse", branch)).toBe(await one.git(one.root, "rev-parse", branch));
  expect(await one.git(one.origin, "rev-parse", "main")).toBe(base);
  expect(await session.git.subjects(session.place)).toEqual(["Fix the redirect"]);
});

test("what was called off before it was saved is not pushed", async () => {
  await using one = await world({ remote: true });
  const session = one.session();
  ok(await session.prepare());
  await one.write(session.path, { "a.txt": "new\n" });
  await session.inspect();
  const off = () => Promise.reject(new Error("called off"));
  await expect(session.land({ how: "pr" }, off)).rejects.toThrow("called off");
  expect(await one.git(one.origin, "branch", "--list", "oca/*")).toBe("");
});
