import type { Variables } from "./schema.ts";

export interface SlackSettings {
  token: string;
  link: { mode: "socket"; appToken: string } | { mode: "http"; signingSecret: string; port: number; path: string };
}

const PORT = 3000;
const PATH = "/slack/events";

/** One of the two ways in, by what is set: a WebSocket needs no address that Slack can reach, so it goes first. */
export function slackOf(set: Variables, problems: string[]): SlackSettings | null {
  const { SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = set;
  if (token === undefined) {
    if (appToken !== undefined || signingSecret !== undefined)
      problems.push("Slack needs SLACK_BOT_TOKEN too: docs/setup-slack.md says where it is");
    return null;
  }
  if (appToken !== undefined) return { token, link: { mode: "socket", appToken } };
  if (signingSecret === undefined) {
    problems.push("SLACK_BOT_TOKEN alone is not enough: give SLACK_APP_TOKEN too, or SLACK_SIGNING_SECRET for HTTP");
    return null;
  }
  const { SLACK_PORT: port = PORT, SLACK_PATH: path = PATH } = set;
  return { token, link: { mode: "http", signingSecret, port, path } };
}
