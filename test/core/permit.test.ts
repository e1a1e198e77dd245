import { describe, expect, test } from "vitest";
import { judge } from "../../src/core/permit.ts";
import { fc } from "../property.ts";

/** A write turn in the user's own checkout: its `.git` lies in the folder that the agent works in. */
const at = (trust: "default" | "acceptEdits", commands: string[] = []) => ({
  cwd: "/srv/shop",
  home: "/data/homes/demo",
  tmp: "/data/tmp/s",
  trust,
  commands,
  allow: [],
  hidden: ["/data", "/proc"],
  contained: false,
});
const edit = (path: string) => judge({ what: "edit", paths: [path], detail: "" }, "write", at("acceptEdits")).is;
const runs = (detail: string) => judge({ what: "command", paths: [], detail }, "write", at("acceptEdits")).is;

describe("in a checkout", () => {
  test.each([".git/hooks/pre-commit", "/srv/shop/.git/config", "src/../.git/HEAD", "sub/.git/config"])(
    "writing %s is asked about",
    (path) => expect(edit(path)).toBe("ask"),
  );

  test.each(["src/a.ts", ".github/workflows/ci.yml", ".gitignore", "/srv/shop/new/file.md"])(
    "writing %s is an edit like any other",
    (path) => expect(edit(path)).toBe("allow"),
  );

  test.each([
    "rm -rf .git",
    "rm -rf ./.git/",
    "rm -rf .GIT",
    'rm -rf ".git"',
    "rm -rf .g*",
    "rm -rf .gi?",
    "rm -rf {.git,x}",
    "rm -rf .",
    "rm -rf ./",
    "rm -rf $PWD",
    "rm -rf ../shop",
    "rm -rf src/../..",
    "rm -rf /srv/shop",
    "rm -rf ~",
    "cp hook .git/hooks/pre-commit",
    "mv src/.git/x y",
    "cp --target-directory=/etc x",
  ])("%s is asked about, also where files may be moved and removed", (command) => expect(runs(command)).toBe("ask"));

  test.each(["rm -rf dist", "rm dist/*.js", "mkdir -p src/new", "mv src/a.ts src/b.ts", "touch .gitignore", "rm *"])(
    "%s is not",
    (command) => expect(runs(command)).toBe("allow"),
  );
});

test("whatever the way is called, nothing that leads into .git is removed unasked", () => {
  const part = fc.constantFrom("src", ".", "", "..", "a.b", "x y");
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (before, after) => {
      const path = [...before, ".git", ...after].join("/");
      expect(runs(`rm -rf ${path}`)).toBe("ask");
    }),
    { numRuns: 200 },
  );
});
