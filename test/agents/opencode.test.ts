import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createOpencode } from "../../src/agents/opencode.ts";
import type { Desk } from "../../src/core/ports/agent.ts";
import { agentContract, collect, turn } from "../contract/agent.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { startModel } from "../twin/model/index.ts";
import { marker, type Step, text, tool } from "../twin/model/script.ts";
import { opencode } from "../twin/model/scripts/opencode.ts";
import { bench } from "./bench.ts";
import { bin } from "./bin.ts";
import { config } from "./opencode-config.ts";

/** It takes its time to start, more so on a machine that has other things to do. */
const times = { startMs: 120_000 };

/** What the tools answered, as the end of the turn. */
const echo: Step = ({ since }) => [text(`It said: ${since.flatMap(({ results }) => results).join(" | ")}`)];

agentContract("opencode", (place) =>
  bench(place, {
    scripts: opencode,
    agent: (url) => createOpencode({ command: bin("opencode"), config: config(url), times }),
    missing: () => createOpencode({ command: "/nonexistent/opencode" }),
    can: {
      plan: "gate",
      permission: "own",
      question: "own",
      steer: "own",
      interrupt: "own",
      resume: "own",
      fork: "own",
      cost: "own",
      images: "own",
    },
    desk: { model: "scripted/model" },
    stopsInMs: 30_000,
  }),
);

describe("what its tools may read", () => {
  const { place, turnOf } = prepared();

  test("neither a search nor a link leads to a secret", async () => {
    const { write, cwd } = place();
    await write(".env", "SECRET=hidden\n");
    await write(".env.example", "SECRET=shown\n");
    await symlink("/proc/self/environ", join(cwd, "link"));
    const result = await turnOf([
      [tool("grep", { pattern: "SECRET" })],
      [tool("grep", { pattern: "SECRET", include: ".env*" })],
      [tool("read", { filePath: join(cwd, ".env") })],
      [tool("read", { filePath: join(cwd, "link") })],
      [tool("grep", { pattern: "PASSWORD", path: join(cwd, "link") })],
      echo,
    ]);
    expect(result.outcome).toMatchObject({ ok: true });
    expect(result.answer).toContain("SECRET=shown");
    expect(result.answer).not.toMatch(/SECRET=hidden|OPENCODE_SERVER_PASSWORD/);
    expect(result.answer.match(/not open to agents/g)).toHaveLength(4);
  });

  test("a plan turn has a shell only where a kernel holds it", async () => {
    const look = [[tool("bash", { command: "echo I am a shell", description: "Look" })], echo];
    expect((await turnOf(look)).answer).not.toContain("It said: I am a shell");
    expect((await turnOf(look, { contained: true })).answer).toContain("It said: I am a shell");
  });
});

/** A plan turn of the real OpenCode whose model plays the steps. */
function prepared() {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.stop());
  return {
    place: () => place,
    turnOf: async (steps: readonly Step[], over: Partial<Desk> = {}) => {
      const model = await startModel({ scripts: { look: steps } });
      const agent = createOpencode({ command: bin("opencode"), config: config(model.url), times });
      const desk = place.desk({ model: "scripted/model", ...over });
      return collect(agent, turn("plan", `Look around. ${marker("look")}`), desk).finally(() => model.stop());
    },
  };
}
