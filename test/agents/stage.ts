import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { Config } from "../../src/config.ts";
import type { Git } from "../../src/core/ports/git.ts";
import { bait, carried } from "../contract/place.ts";
import { POLICY } from "../core/life.ts";
import { Ben, environment, makeHome, play, type Stage, type Talk, until } from "../story/stage.ts";
import { type Model, startModel } from "../twin/model/index.ts";
import type { Scripts } from "../twin/model/script.ts";
import type { Real } from "./bin.ts";
import { CREW, PATIENCE_MS } from "./crew.ts";

interface Setting {
  more?: Scripts;
  git?(git: Git): Git;
  config?: Partial<Config>;
}

export interface Scene {
  oca: Stage;
  model: Model;
  /** A folder in which nothing may come to be; the link `out` of the repository leads there. */
  outside: string;
}

/** The whole bot with a real agent, on a repository that has bait in it; `more` scripts stand beside those of every agent. */
export async function stage(name: Real, { more = {}, git, config = {} }: Setting = {}): Promise<Scene> {
  const member = CREW[name];
  const model = await startModel({ scripts: { ...member.scripts, ...more } });
  onTestFinished(model.stop);
  const home = await makeHome();
  const outside = join(dirname(home.repo), "outside");
  await mkdir(outside);
  await bait(home.repo, outside);
  for (const [file, text] of Object.entries(carried(join(outside, "mcp")))) {
    await mkdir(dirname(join(home.repo, file)), { recursive: true });
    await writeFile(join(home.repo, file), text);
  }
  await writeFile(join(home.repo, ".gitignore"), "node_modules/\n");
  await promisify(execFile)("git", ["add", "--all"], { cwd: home.repo });
  await promisify(execFile)("git", ["commit", "--quiet", "--message", "What a branch may carry"], { cwd: home.repo });
  await member.prepare(join(home.data, "homes", name));
  const oca = await play({
    home,
    patienceMs: PATIENCE_MS,
    parts: {
      agents: () => new Map([[name, member.agent(model.url)]]),
      ...(git && { wrap: { git, store: (store) => store, spawn: (spawn) => spawn } }),
    },
    config: {
      defaults: { repo: null, agent: name, hears: "words", cards: "normal", policy: POLICY },
      agents: { [name]: { model: member.models[0], env: [], allow: [], program: { is: "own" } } },
      agentEnv: () => ({ ...environment(), ...member.env(model.url) }),
      ...config,
    },
  });
  return { oca, model, outside };
}

/** Says yes to whatever the agent asks, until the session stands here. */
export async function agreed(talk: Talk, at: "reviewing" | "closed"): Promise<void> {
  await until(
    async () => {
      const { phase } = await talk.session();
      if (phase.at === "running" && phase.asks.length > 0) await talk.click(Ben, "Allow once").catch(() => undefined);
      return phase.at === at || phase.at === "paused";
    },
    async () => `${at}, but stands in ${JSON.stringify((await talk.session()).phase)}`,
    PATIENCE_MS,
  );
  await talk.rests(at);
}
