#!/usr/bin/env node
import { Command, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import manifest from "../package.json" with { type: "json" };
import { agents } from "./agents/registry.ts";
import { manifest as manifestOfSlack } from "./chat/slack/manifest.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { examine } from "./doctor.ts";
import { login } from "./login.ts";
import { demo, playDemo } from "./play.ts";
import { probeAll } from "./probe.ts";
import { createHostSpawn } from "./sandbox/host.ts";
import { start } from "./start.ts";
import { crew as crewOf } from "./view/crew.ts";
import { createTranslator, type T } from "./view/i18n.ts";
import { report } from "./view/report.ts";
import { slackWords } from "./view/slack.ts";
import { asText } from "./view/text.ts";

/** The `oca` command. */
const program = new Command("oca").description(manifest.description).version(manifest.version).showHelpAfterError();

program
  .command("start", { isDefault: true })
  .description("start the bot; without a chat token it serves the web chat")
  .action(() => run((t) => start({ t, say })));

program
  .command("demo")
  .description("try oca on a sample repository with a scripted agent: no token, no model")
  .option("--auto", "play the whole story by itself, print the thread and end")
  .option("--port <port>", "port of the web chat; 0 takes a free one", port)
  .action((options: { auto?: true; port?: number }) =>
    run((t) => (options.auto ? playDemo({ t, say }) : demo({ t, say, port: options.port ?? null }))),
  );

program
  .command("doctor")
  .description("look for what is wrong, and say how to mend it")
  .action(() =>
    run(async (t) => {
      const checks = await examine(await loadConfig(), {
        spawn: createHostSpawn(),
        node: process.versions.node,
        now: Date.now(),
      });
      say(report(checks, t));
      process.exitCode = checks.some(({ ok }) => ok === false) ? 1 : 0;
    }),
  );

const crew = program.command("agents").description("which agents are installed and logged in, and what they can");
crew.action(() =>
  run(async (t) => {
    const config = await loadConfig();
    const spawn = createHostSpawn();
    const all = agents({ spawn, env: config.env, settings: config.agents });
    say(asText(crewOf(await probeAll(all, { config, spawn }), t)));
  }),
);
crew
  .command("login <agent>")
  .description("log an agent in, once for all sessions")
  .action((name: string) => run(async (t) => login(await loadConfig(), name, t)));

program
  .command("manifest <chat>")
  .description("what a chat's app must be allowed to, to paste where the app is made; only slack has one")
  .option("--yaml", "as YAML")
  .option("--url <url>", "where Slack sends requests to, for HTTP instead of a WebSocket")
  .action((chat: string, { yaml, url }: { yaml?: true; url?: string }) =>
    run(async (t) => {
      if (chat !== "slack") throw new Error(t("cli:manifest.unknown", { chat }));
      const app = manifestOfSlack(slackWords(t.locale), url ?? null);
      say(yaml ? stringify(app) : JSON.stringify(app, null, 2));
    }),
  );

// Whoever read our words has left, as in "oca demo --auto | head": the work goes on.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
await program.parseAsync();

/** What goes wrong is told in words, without a stack: the log has it. */
async function run(action: (t: T) => Promise<void>): Promise<void> {
  const t = createTranslator()(new Intl.DateTimeFormat().resolvedOptions().locale);
  try {
    await action(t);
  } catch (error) {
    const problems =
      error instanceof ConfigError ? error.problems : [error instanceof Error ? error.message : String(error)];
    console.error([t("cli:failed"), ...problems.map((problem) => `- ${problem}`)].join("\n"));
    process.exitCode = 1;
  }
}

function say(text: string): void {
  console.log(text);
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError("a port is a whole number from 0 to 65535");
  return number;
}
