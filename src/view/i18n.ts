import { createInstance, type TFunction } from "i18next";
import deCard from "../../locales/de/card.json" with { type: "json" };
import deCli from "../../locales/de/cli.json" with { type: "json" };
import deCommand from "../../locales/de/command.json" with { type: "json" };
import deDoctor from "../../locales/de/doctor.json" with { type: "json" };
import deReply from "../../locales/de/reply.json" with { type: "json" };
import enCard from "../../locales/en/card.json" with { type: "json" };
import enCli from "../../locales/en/cli.json" with { type: "json" };
import enCommand from "../../locales/en/command.json" with { type: "json" };
import enDoctor from "../../locales/en/doctor.json" with { type: "json" };
import enReply from "../../locales/en/reply.json" with { type: "json" };

const resources = {
  en: { card: enCard, cli: enCli, command: enCommand, doctor: enDoctor, reply: enReply },
  de: { card: deCard, cli: deCli, command: deCommand, doctor: deDoctor, reply: deReply },
};

type Namespaces = ["card", "cli", "command", "doctor", "reply"];
const NAMESPACES: Namespaces = ["card", "cli", "command", "doctor", "reply"];

/** What oca speaks; the first is the source of keys and what any other language falls back to. */
export const LOCALES = ["en", "de"] as const satisfies readonly (keyof typeof resources)[];
export type Locale = (typeof LOCALES)[number];

/** Puts a key into words. What is filled in is data: it is never read as a key or a placeholder, and never escaped here. */
export type T = TFunction<typeof NAMESPACES> & { readonly locale: Locale };

/** A translator for every locale tag; "de-AT" speaks German, what nobody speaks is English. */
export function createTranslator(): (locale: string) => T {
  const i18n = createInstance();
  void i18n.init({
    resources,
    initAsync: false,
    fallbackLng: LOCALES[0],
    ns: NAMESPACES,
    defaultNS: "card",
    interpolation: { escapeValue: false },
  });
  return (tag) => {
    const locale = localeOf(tag);
    return Object.assign(i18n.getFixedT(locale, NAMESPACES), { locale });
  };
}

/** The language that is spoken to somebody who asks for this tag. */
export const localeOf = (tag: string): Locale => {
  const wanted = tag.toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((locale) => locale === wanted) ?? LOCALES[0];
};
