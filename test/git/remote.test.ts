import { expect, test } from "vitest";
import { readRemote } from "../../src/git/remote.ts";
import { fc } from "../property.ts";
import { world } from "./repo.ts";

test.each([
  ["https://github.com/acme/shop.git", "https://github.com", "acme/shop"],
  ["https://ana:secret@github.com/acme/shop", "https://github.com", "acme/shop"],
  ["http://127.0.0.1:3999/acme/shop.git/", "http://127.0.0.1:3999", "acme/shop"],
  ["git@github.com:acme/shop.git", "https://github.com", "acme/shop"],
  ["ssh://git@ssh.github.com:443/acme/shop.git", "https://github.com", "acme/shop"],
  ["ssh://git@git.example.org:2222/group/sub/shop.git", "https://git.example.org", "group/sub/shop"],
  ["GIT.example.org:/acme/shop", "https://git.example.org", "acme/shop"],
])("%s is a repository on a server", (address, web, path) => {
  expect(readRemote(address)).toEqual({ web, path });
});

test.each([
  "/srv/git/shop.git",
  "../shop.git",
  "file:///srv/shop.git",
  "C:/git/shop",
  "shop",
  "https://github.com",
  "git@github.com:shop.git",
  "ext::sh -c id",
  "https://github.com/acme/shop?x=<b>",
  "  :0/0",
  "",
])("%j is none that others see", (address) => {
  expect(readRemote(address)).toBeNull();
});

test("no address can put anything else than a repository's name and a server into a link", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("https://", "git@", "ssh://", ""), (text, start) => {
      const remote = readRemote(`${start}${text}`);
      if (!remote) return;
      expect(remote.path).toMatch(/^[\w.~/-]+$/);
      expect(() => new URL(remote.web)).not.toThrow();
    }),
  );
});

test("a repository with a folder for a remote, or with none, has no server", async () => {
  await using one = await world({ remote: true });
  expect(await one.oca().remotes(one.session().place)).toBeNull();
  await one.git(one.root, "remote", "set-url", "origin", "git@github.com:ana/shop.git");
  await one.git(one.root, "remote", "add", "upstream", "https://github.com/acme/shop");
  expect(await one.oca().remotes(one.session().place)).toEqual({
    origin: { web: "https://github.com", path: "ana/shop" },
    upstream: { web: "https://github.com", path: "acme/shop" },
  });
});
