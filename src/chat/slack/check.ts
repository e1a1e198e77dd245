import { WebClient } from "@slack/web-api";
import { quiet } from "./log.ts";
import { SCOPES } from "./manifest.ts";
import type { SlackOrder } from "./order.ts";
import { codeOf } from "./trouble.ts";

/** What is wrong with the tokens, if anything. */
export type SlackState =
  | { is: "fine"; team: string }
  | { is: "unreachable" }
  | { is: "refused"; variable: string; error: string }
  | { is: "scopes"; scopes: string };

const TIMEOUT_MS = 5000;

/** Asks Slack once with each token; nothing in the workspace changes. */
export async function checkSlack({
  token,
  link,
  apiUrl,
}: Pick<SlackOrder, "token" | "link" | "apiUrl">): Promise<SlackState> {
  const options = {
    timeout: TIMEOUT_MS,
    // What goes wrong is the finding.
    logger: quiet({ info: () => {}, warn: () => {} }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
  const failed =
    (variable: string) =>
    (error: unknown): SlackState => {
      const code = codeOf(error);
      return code === "unreachable" ? { is: "unreachable" } : { is: "refused", variable, error: code };
    };
  const bot = await new WebClient(token, options).auth
    .test()
    .then(({ team = "", response_metadata: more }): SlackState => {
      const granted = new Set(more?.scopes);
      const missing = Object.keys(SCOPES).filter((scope) => !granted.has(scope));
      // A workspace that does not say what it granted is not accused of it.
      return granted.size > 0 && missing.length > 0
        ? { is: "scopes", scopes: missing.join(", ") }
        : { is: "fine", team };
    }, failed("SLACK_BOT_TOKEN"));
  if (bot.is !== "fine" || link.mode === "http") return bot;
  const client = new WebClient(link.appToken, options);
  return client.apps.connections.open({}).then(() => bot, failed("SLACK_APP_TOKEN"));
}
