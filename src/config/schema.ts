import { z } from "zod";
import { Role } from "../core/authority.ts";
import { Policy, Rule } from "../core/policy.ts";
import { oneOf, say, strict, Text, YesNo } from "../lib/strict.ts";
import { isTimezone, Weekdays } from "../lib/zoned.ts";

const HOUR = 3_600_000;
/** Node's timers end here: 24.8 days. */
const LONGEST = 2 ** 31 - 1;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: HOUR, d: 24 * HOUR };

/** Milliseconds, or a text such as "90s", "10m", "3h", "2d". */
const Duration = say(
  'a time such as "10m", "3h" or a number of milliseconds, from 1 s to 24 days',
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/)
        .transform((text) => Number.parseFloat(text) * (UNITS[text.replace(/^[\d.]+/, "")] ?? Number.NaN)),
    ])
    .pipe(z.number().min(1000).max(LONGEST)),
);

const PORT = "a port: a whole number from 0 (any free one) to 65535";
const port = z.number().int().min(0).max(65_535);
const Url = say('an address such as "https://example.org/telegram"', z.url({ protocol: /^https?$/ }));
const Level = oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"]);
const Locale = say(
  'a language tag such as "en" or "pt-BR"',
  z
    .string()
    .refine(isLocale)
    .transform((tag) => new Intl.Locale(tag).toString()),
);
const Timezone = say('a time zone such as "Europe/Berlin"', z.string().refine(isTimezone));
const RoleName = oneOf(Role.options);
const People = z.record(z.string(), RoleName);
const RepoName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'a name of letters, digits, ".", "_" and "-"');
const UserName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'a name of small letters, digits, "_" and "-"');
/** What starts work in a channel: words such as "Let oca …", or only what is addressed to oca. */
const Hears = oneOf(["words", "mentions"]);
const Cards = oneOf(["quiet", "normal", "verbose"]);
const ServerName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a name of small letters, digits and "-"');
const ChannelName = z.string().regex(/^[a-z]+:\S+$/, '"<chat>:<channel>", for example "web:general"');
const SomePolicy = strict({
  plan: oneOf(Policy.shape.plan.options).optional(),
  land: oneOf(Policy.shape.land.options).optional(),
  style: oneOf(Policy.shape.style.options).optional(),
  push: YesNo.optional(),
  isolation: oneOf(Policy.shape.isolation.unwrap().options).optional(),
  trust: oneOf(Policy.shape.trust.options).optional(),
  votes: say("a whole number from 1", z.number().int().min(1)).optional(),
});

/** `oca.config.json`. Paths are as they were written: relative to the file, with `~`. */
export const Settings = strict({
  /** For editors. */
  $schema: z.string().optional(),
  data: Text.optional(),
  web: z
    .union(
      [z.literal("off"), strict({ port: say(PORT, port).optional(), people: z.record(UserName, Text).optional() })],
      {
        error: () => 'either "off" or an object with "port" and "people"',
      },
    )
    .optional(),
  telegram: strict({
    apiRoot: Url.optional(),
    webhook: strict({ url: Url, port: say(PORT, port) }).optional(),
    cards: oneOf(["rich", "text"]).default("rich"),
    remember: say("true or false", z.boolean()).default(true),
  }).prefault({}),
  transcribe: strict({ command: Text, timeoutMs: Duration.default(HOUR / 12) }).optional(),
  github: strict({ url: Url.optional(), token: Text.optional() }).prefault({}),
  log: Level.optional(),
  locale: Locale.optional(),
  timezone: Timezone.optional(),
  maxSessions: say("a whole number from 1 to 100", z.number().int().min(1).max(100)).default(4),
  repos: z
    .record(
      RepoName,
      strict({
        root: Text,
        base: Text.optional(),
        setup: strict({ command: Text, timeoutMs: Duration.default(HOUR / 6) }).optional(),
        checks: z.array(strict({ command: Text, timeoutMs: Duration.default(HOUR / 2) })).default([]),
        copy: z.array(Text).default([]),
        commands: z.array(Text).default([]),
        policy: SomePolicy.extend({ rule: oneOf(Rule.options).optional() }).default({}),
      }),
    )
    .default({}),
  roots: z.array(Text).optional(),
  defaults: strict({
    repo: Text.optional(),
    agent: Text.optional(),
    hears: Hears.default("words"),
    cards: Cards.default("normal"),
    policy: SomePolicy.default({}),
  }).prefault({}),
  agents: z
    .record(
      UserName,
      strict({
        command: Text.optional(),
        args: z.array(z.string()).optional(),
        /** How another agent is spoken to; read where agents are known. */
        acp: z.unknown().optional(),
        cli: z.unknown().optional(),
        model: Text.optional(),
        effort: Text.optional(),
        env: z.array(Text).default([]),
        allow: z.array(Text).default([]),
      }),
    )
    .default({}),
  mcp: z
    .record(
      ServerName,
      strict({
        command: Text.optional(),
        args: z.array(z.string()).optional(),
        env: z.array(Text).optional(),
        url: say("an address that begins with https:// or http://", z.url({ protocol: /^https?$/ })).optional(),
        token: Text.optional(),
      }),
    )
    .default({}),
  channels: z
    .record(
      ChannelName,
      strict({
        repo: Text.optional(),
        agent: Text.optional(),
        locale: Locale.optional(),
        hears: Hears.optional(),
        cards: Cards.optional(),
        digest: oneOf(Weekdays).optional(),
        policy: SomePolicy.default({}),
        roles: strict({ everybody: RoleName.optional(), people: People.optional() }).optional(),
      }),
    )
    .default({}),
  roles: strict({ everybody: RoleName.default("requester"), people: People.default({}) }).prefault({}),
});
export type Settings = z.infer<typeof Settings>;

/** The variables that oca reads. */
export const Variables = strict({
  OCA_CONFIG: Text.optional(),
  OCA_DATA: Text.optional(),
  OCA_WEB: say('"off", or nothing', z.literal("off")).optional(),
  OCA_WEB_PORT: say(PORT, z.string().regex(/^\d+$/).transform(Number).pipe(port)).optional(),
  OCA_LOG: Level.optional(),
  SLACK_BOT_TOKEN: say('the bot token of your Slack app, "xoxb-…"', z.string().regex(/^xoxb-\S+$/)).optional(),
  SLACK_APP_TOKEN: say('the app-level token of your Slack app, "xapp-…"', z.string().regex(/^xapp-\S+$/)).optional(),
  SLACK_SIGNING_SECRET: Text.optional(),
  SLACK_PORT: say(PORT, z.string().regex(/^\d+$/).transform(Number).pipe(port)).optional(),
  SLACK_PATH: say('a path such as "/slack/events"', z.string().regex(/^\/[\w/-]*$/)).optional(),
  TELEGRAM_BOT_TOKEN: Text.optional(),
  GITHUB_TOKEN: Text.optional(),
});
export type Variables = z.infer<typeof Variables>;

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false; // a RangeError is how Intl says no
  }
}
