import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCodex } from "../../src/agents/codex.ts";
import type { Turn } from "../../src/core/parts.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import { agentContract, agree, collect, type On, turn } from "../contract/agent.ts";
import { makePlace, type Place, until } from "../contract/place.ts";
import { type Model, startModel } from "../twin/model/index.ts";
import { marker, type Scripts, text, tool } from "../twin/model/script.ts";
import { codex } from "../twin/model/scripts/codex.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";
import { provider } from "./codex-provider.ts";

/** It takes its time to start, more so on a machine that has other things to do. */
const times = { startMs: 120_000 };

// One model that writes code for its tools, one that Codex has never heard of.
for (const model of ["gpt-6.1-sol", "gpt-5.4-nano"]) {
  agentContract(`codex with ${model}`, (place) =>
    bench(place, {
      scripts: codex,
      agent: (url) => createCodex({ command: bin("codex"), config: provider(url, model), times }),
      missing: () => createCodex({ command: "/nonexistent/codex" }),
      env: () => ({ CODEX_TEST_KEY: KEY }),
      can: {
        plan: "own",
        permission: "own",
        question: "own",
        steer: "own",
        interrupt: "own",
        resume: "own",
        fork: "own",
        cost: "estimate",
        images: "own",
      },
      desk: { model },
      multi: false,
      commits: false,
    }),
  );
}

describe("the real Codex", () => {
  let place: Place;
  let model: Model;
  const KEPT = "the secret of another session";
  const order = (command: string) =>
    `const r = await tools.exec_command(${JSON.stringify({ cmd: command, yield_time_ms: 30_000 })}); text(r);`;
  const shell = (command: string): Scripts[string] => [
    [tool("exec", order(command), { raw: true })],
    ({ since }) => [text(`It said: ${since.flatMap(({ results }) => results).join(" | ")}`)],
  ];
  const play = async (kind: Turn["kind"], command: string, over: Partial<Desk> = {}, on?: On) => {
    model = await startModel({ scripts: { it: shell(command) } });
    const agent = createCodex({ command: bin("codex"), config: provider(model.url, "gpt-6.1-sol"), times });
    const env = { ...place.env, CODEX_TEST_KEY: KEY };
    return collect(agent, turn(kind, marker("it")), place.desk({ env, model: "gpt-6.1-sol", ...over }), on);
  };
  beforeEach(async () => {
    place = await makePlace();
    model = await startModel({ scripts: {} });
  });
  afterEach(async () => {
    await place.stop();
    await model.stop();
  });

  test.each<[Turn["kind"]]>([["plan"], ["write"]])("cannot read what is closed in a %s turn", async (kind) => {
    // As in oca's data folder: what it works with, and beside it what is none of its business.
    const data = join(place.cwd, "..");
    await writeFile(join(place.outside, "kept"), KEPT);
    await writeFile(join(data, "journal"), KEPT);
    await writeFile(join(place.cwd, ".env"), KEPT);
    await mkdir(join(place.home, ".codex"), { recursive: true });
    await writeFile(join(place.home, ".codex", "auth.json"), JSON.stringify({ OPENAI_API_KEY: KEPT }));
    const paths = ["../outside/kept", "../journal", "../home/.codex/auth.json", ...(kind === "plan" ? [".env"] : [])];
    const { answer } = await play(
      kind,
      `cat README.md ${paths.join(" ")}; env; cat /proc/*/environ`,
      { hidden: [data] },
      agree,
    );
    expect(answer).toContain("Permission denied");
    expect(answer).toContain("Sample");
    expect(answer).not.toContain(KEPT);
    expect(answer).not.toContain(KEY);
  });

  test("leaves the repository as little trusted as it found it", async () => {
    await play("write", "touch here.txt", {}, agree);
    expect(place.read("here.txt")).toBe("");
    expect(existsSync(join(place.home, ".codex", "config.toml"))).toBe(false);
  });

  test("has its sandbox also where its home lies below the folder for scraps", async () => {
    const { answer } = await play("plan", "touch sneaky; cat README.md", { tmp: join(place.home, "..") });
    expect(answer).toContain("Read-only file system");
    expect(answer).toContain("Sample");
  });

  test("in a container, where its commands have sessions of their own, a stop ends them", async () => {
    const stop = new AbortController();
    const given = { contained: true, signal: stop.signal };
    const { outcome } = await play("write", "touch waiting; sleep 300", given, (event, run) => {
      agree(event, run);
      if (event.type === "activity")
        void until(() => place.read("waiting") !== null, "the command").then(() => stop.abort());
    });
    expect(outcome).toMatchObject({ ok: false, kind: "interrupted" });
    expect(place.inside()).toEqual([]);
  });

  test("uses the key of its owner where nobody is logged in", async () => {
    const config = { openai_base_url: `${model.url}/v1`, model: "gpt-5.5" };
    const agent = createCodex({ command: bin("codex"), config, times });
    await collect(agent, turn("write", "hello"), place.desk({ env: { ...place.env, OPENAI_API_KEY: KEY } }));
    const asked = model.seen.filter(({ path }) => path.endsWith("/responses"));
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers } of asked) expect(headers.authorization).toBe(`Bearer ${KEY}`);
  });
});
