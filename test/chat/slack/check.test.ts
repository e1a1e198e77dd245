import { expect, onTestFinished, test } from "vitest";
import { checkSlack } from "../../../src/chat/slack/check.ts";
import { manifest } from "../../../src/chat/slack/manifest.ts";
import { slackWords } from "../../../src/view/slack.ts";
import { createSlackTwin } from "../../twin/slack/index.ts";

async function workspace(app: object = manifest(slackWords("en"), null)) {
  const twin = await createSlackTwin({ mode: "socket", manifest: app, limits: null });
  onTestFinished(() => twin.stop());
  const link = { mode: "socket" as const, appToken: twin.tokens.app };
  return { token: twin.tokens.bot, link, apiUrl: twin.slackApiUrl };
}

test("an app that was made from the manifest is fine", async () =>
  expect(await checkSlack(await workspace())).toEqual({ is: "fine", team: "Acme" }));

test("a token that Slack does not know is named by its variable", async () => {
  const at = await workspace();
  expect(await checkSlack({ ...at, token: "xoxb-other" })).toEqual({
    is: "refused",
    variable: "SLACK_BOT_TOKEN",
    error: "invalid_auth",
  });
  expect(await checkSlack({ ...at, link: { mode: "socket", appToken: "xapp-other" } })).toEqual({
    is: "refused",
    variable: "SLACK_APP_TOKEN",
    error: "invalid_auth",
  });
});

test("rights that were not given are named", async () => {
  const app = { ...manifest(slackWords("en"), null), oauth_config: { scopes: { bot: ["chat:write"] } } };
  expect(await checkSlack(await workspace(app))).toMatchObject({
    is: "scopes",
    scopes: expect.stringContaining("users:read"),
  });
});

test("no Slack at all is no fault of the settings", async () => {
  const at = await workspace();
  expect(await checkSlack({ ...at, apiUrl: "http://127.0.0.1:1/api/" })).toEqual({ is: "unreachable" });
});
