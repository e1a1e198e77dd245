import { describe, expect, test } from "vitest";
import { pathsRead } from "../src/agents/reading.ts";

describe("a command line of an agent", () => {
  test.each([
    "ls",
    "cat README.md",
    "rg -n 'foo bar' src | head -50",
    "sed -n 1,200p src/a.ts",
    "cd src && ls -la",
    "git status --short",
    "git log --oneline -5",
    "nl -ba src/a.ts | sed -n '10,40p'",
    'grep -rn "x" .',
    "find . -name '*.ts'",
  ])("%s reads", (line) => expect(pathsRead(line)).not.toBeNull());
  test.each([
    "rm -rf build",
    "cat a > b",
    "rg --pre ./evil x",
    "rg '--pre' ./evil x",
    "rg --p're'=./evil x",
    "git log --output=f",
    "git log --outp=f",
    "git -c core.pager=evil log",
    "git grep -Oevil x",
    "git diff --ext-diff",
    "find . -exec evil {} +",
    "find . -delete",
    "sed -i s/a/b/ f",
    "sed -n '1p;w out' f",
    "sed -n 1p -i f",
    "ls $(evil)",
    "ls `evil`",
    "ls & evil",
    "cat <(evil)",
    "echo a\nevil",
    "FOO=1 evil",
    "ls || evil",
    "",
    "|",
    "constructor",
    "rg -z x",
    "cat 'a",
    "ls ; ; ls",
    "xargs rm",
  ])("%s does more, or may", (line) => expect(pathsRead(line)).toBeNull());
  test("what is read is known", () => {
    expect(pathsRead("cat .env | head -5 && ls ../x")).toEqual([".env", "../x"]);
  });
});
