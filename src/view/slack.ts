import de from "../../locales/de/slack.json" with { type: "json" };
import en from "../../locales/en/slack.json" with { type: "json" };
import { localeOf } from "./i18n.ts";

const words = { en, de };

/** The words of Slack's own dialogs, in a person's language. */
export const slackWords = (tag: string): typeof en => words[localeOf(tag)];
