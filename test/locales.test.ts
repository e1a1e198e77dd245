import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createTranslator, LOCALES } from "../src/view/i18n.ts";
import { createWords } from "../src/view/words.ts";

const root = join(import.meta.dirname, "..");
const locales = join(root, "locales");

type Tree = { [key: string]: string | string[] | Tree };
const Tree: z.ZodType<Tree> = z.lazy(() => z.record(z.string(), z.union([z.string(), z.array(z.string()), Tree])));

/** Every text of a file by its key; a list of phrases counts as one. */
function flat(tree: Tree, path = ""): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    if (typeof value === "string") return [[`${path}${key}`, value]];
    return Array.isArray(value)
      ? [[`${path}${key}`, value.length > 0 ? "phrases" : ""]]
      : flat(value, `${path}${key}.`);
  });
}

const read = async (locale: string, file: string) =>
  new Map(flat(Tree.parse(JSON.parse(await readFile(join(locales, locale, file), "utf8")))));
const languages = await readdir(locales);
const namespaces = (await readdir(join(locales, "en"))).filter((file) => file.endsWith(".json"));

const PLURAL = /_(zero|one|two|few|many|other)$/;
const base = (key: string) => key.replace(PLURAL, "");
const placeholders = (text: string) =>
  [...new Set([...text.matchAll(/{{\s*(\w+)\s*}}/g)].map(([, name]) => name))].sort();

test("every folder of locales/ is a language that oca speaks", () =>
  expect(languages.toSorted()).toEqual([...LOCALES].sort()));

describe.each(languages.filter((locale) => locale !== "en"))("%s", (locale) => {
  test.each(namespaces)("%s has the keys of English, no more and no fewer", async (file) => {
    const [english, other] = [await read("en", file), await read(locale, file)];
    const keys = (texts: Map<string, string>) => [...new Set([...texts.keys()].map(base))].sort();
    expect(keys(other)).toEqual(keys(english));
  });

  test.each(namespaces)("%s fills in what English fills in", async (file) => {
    const english = await read("en", file);
    for (const [key, text] of await read(locale, file)) {
      const source = english.get(key) ?? english.get(`${base(key)}_other`) ?? "";
      const optional = PLURAL.test(key) && !key.endsWith("_other") ? ["count"] : [];
      const names = (of: string) => placeholders(of).filter((name) => !optional.includes(name ?? ""));
      expect({ key, names: names(text) }).toEqual({ key, names: names(source) });
    }
  });
});

describe.each(languages)("%s", (locale) => {
  test.each(namespaces)("%s has every plural form that the language needs, and no empty text", async (file) => {
    const texts = await read(locale, file);
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
    const plurals = new Set([...texts.keys()].filter((key) => PLURAL.test(key)).map(base));
    for (const key of plurals)
      expect({ key, forms: forms.filter((form) => texts.has(`${key}_${form}`)) }).toEqual({ key, forms });
    for (const [key, text] of texts) expect({ key, empty: text.trim() === "" }).toEqual({ key, empty: false });
  });

  test("texts are calm: no exclamation marks", async () => {
    for (const file of namespaces)
      for (const [key, text] of await read(locale, file)) expect(`${key}: ${text}`).not.toContain("!");
  });
});

test("the generated types are those of the texts", async () => {
  // Checks and writes nothing; what it says when it fails is how to mend it.
  const types = promisify(execFile)(join(root, "node_modules/.bin/i18next-cli"), ["types", "--ci", "--quiet"], {
    cwd: root,
  });
  await expect(types).resolves.toBeDefined();
});

test.each([
  ["de-AT", "de"],
  ["DE", "de"],
  ["de_CH", "de"],
  ["en-US", "en"],
  ["tlh", "en"],
  ["", "en"],
])("somebody with %s reads %s", (tag, locale) => expect(createTranslator()(tag).locale).toBe(locale));

test("unknown keys and missing or misspelt values do not compile", () => {
  const t = createTranslator()("en");
  // @ts-expect-error there is no such key
  t("head.nope");
  // @ts-expect-error the title is missing
  t("head.plan");
  // @ts-expect-error the title is misspelt
  t("head.plan", { titel: "x" });
  // @ts-expect-error the count is missing
  t("live.moved", { base: "main" });
  expect(t("live.moved", { base: "main", count: 1 })).toBe("main moved by 1 commit since the plan, outside its files.");
});

test("phrases are lower case, as they are compared", () => {
  const { say, soft, permit, ...lists } = createWords();
  const all = [say, soft, permit, lists].flatMap((group) => Object.values(group)).flat();
  expect(all.filter((phrase) => phrase !== phrase.toLowerCase())).toEqual([]);
});
