import de from "../../locales/de/page.json" with { type: "json" };
import en from "../../locales/en/page.json" with { type: "json" };
import { localeOf } from "./i18n.ts";

const words = { en, de };

/** The words of the web chat's page, for the language of a browser. */
export const pageWords = (tag: string): Readonly<Record<string, string>> => words[localeOf(tag)];
