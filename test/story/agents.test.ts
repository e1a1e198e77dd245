import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { agents } from "../../src/agents/registry.ts";
import { createScripted } from "../../src/agents/scripted.ts";
import { loadConfig } from "../../src/config.ts";
import { probeAll } from "../../src/probe.ts";
import { createHostSpawn } from "../../src/sandbox/host.ts";
import { crew } from "../../src/view/crew.ts";
import { createTranslator } from "../../src/view/i18n.ts";
import { asText } from "../../src/view/text.ts";
import { SERVERS } from "../contract/mcp.ts";
import { POLICY } from "../core/life.ts";
import { Ben, Cleo, Eve, environment, play } from "./stage.ts";

const DOCS = join(import.meta.dirname, "..", "..", "docs", "add-an-agent.md");

/** The configuration that the document gives, word for word. */
async function documented(kind: "acp" | "cli") {
  const block = new RegExp(`^\`\`\`json ${kind}\\n([\\s\\S]*?)^\`\`\``, "m").exec(await readFile(DOCS, "utf8"));
  return JSON.parse(block?.[1] ?? expect.fail(`there is no block for ${kind}`));
}

/** An owner with `toy-agent` on the PATH and this configuration. */
async function owner(settings: object) {
  const folder = await mkdtemp(join(tmpdir(), "oca-toy-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin", "toy-agent"), `#!${process.execPath}\n${TOY}`);
  await chmod(join(folder, "bin", "toy-agent"), 0o755);
  await writeFile(join(folder, "oca.config.json"), JSON.stringify(settings));
  const { PATH = "", HOME = "" } = environment();
  const env = { PATH: `${join(folder, "bin")}:${PATH}`, HOME };
  return { config: await loadConfig({ cwd: folder, env }), env };
}

test.for(["acp", "cli"] as const)(
  "an agent is added as docs/add-an-agent.md says (%s): it plans, works and is merged",
  async (kind) => {
    const { config, env } = await owner(await documented(kind));
    const oca = await play({
      config: {
        agents: config.agents,
        agentEnv: config.agentEnv,
        defaults: { repo: null, agent: config.defaults.agent, hears: "words", cards: "normal", policy: POLICY },
      },
      parts: { agents: (spawn) => agents({ spawn, env, settings: config.agents }) },
    });
    await oca.say(Cleo, "Let oca add a greeting");
    await oca.rests("deciding");
    expect(await oca.sees("Plan v1")).toContain("Write greeting.txt");
    await oca.click(Ben, "Approve");
    await oca.rests("reviewing");
    await oca.click(Eve, "Merge");
    const { agent, landed } = await oca.rests("closed");
    expect(agent).toBe("toy");
    expect(landed).toHaveLength(1);
    expect(await oca.reads("greeting.txt")).toBe("Hello from the toy.\n");
  },
);

test("`oca agents` says of an added agent what it can, and that it cannot plan safely where nothing holds it", async () => {
  const [acp, cli] = [await documented("acp"), await documented("cli")];
  const { config, env } = await owner({
    agents: {
      talker: { ...acp.agents.toy, acp: {} },
      worker: { ...cli.agents.toy, cli: { output: cli.agents.toy.cli.output } },
      planner: cli.agents.toy,
      gone: { command: "/nonexistent/agent", cli: { install: "npm install -g gone" } },
    },
  });
  const spawn = createHostSpawn();
  const all = agents({ spawn, env, settings: config.agents });
  const added = new Map([...all].filter(([name]) => name in config.agents));
  expect([...added.keys()]).toEqual(["talker", "worker", "planner", "gone"]);
  const data = await mkdtemp(join(tmpdir(), "oca-homes-"));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const found = await probeAll(added, { config: { ...config, data }, spawn });
  const [talker = "", worker = "", planner = "", gone = ""] = found.map((one) =>
    asText(crew([one], createTranslator()("en"))),
  );
  for (const text of [talker, worker]) {
    expect(text).toContain("1.0.0");
    expect(text).toContain("cannot plan safely");
    expect(text).toContain("plan: only inside a sandbox");
  }
  expect(planner).not.toContain("cannot plan safely");
  expect(planner).toContain("permissions: no");
  expect(gone).toContain("not installed");
  expect(gone).toContain("npm install -g gone");
});

test("an agent has the servers of tools while it writes, and while it plans only those that the owner allows", async () => {
  const seen: string[] = [];
  const { config } = await owner({ agents: { demo: { allow: ["mcp:docs"] } } });
  const oca = await play({
    config: { mcp: SERVERS, agents: config.agents },
    parts: {
      agents: (spawn) => {
        const demo = createScripted({ spawn, env: environment(), wait: async () => undefined });
        const run: typeof demo.run = (turn, desk) => {
          seen.push(`${turn.kind}: ${desk.mcp.map(({ name }) => name).join(", ")}`);
          return demo.run(turn, desk);
        };
        return new Map([["demo", { ...demo, run }]]);
      },
    },
  });
  await oca.say(Cleo, "Let oca add a greeting to hello.txt");
  await oca.rests("deciding");
  await oca.click(Ben, "Approve");
  await oca.rests("reviewing");
  expect(seen).toEqual(["plan: docs", "write: tracker, docs"]);
});

/** Plans and writes a greeting; speaks ACP after `acp`, else prints JSON. */
const TOY = `
const { createInterface } = require("node:readline");
const { writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const put = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
const PLAN = "## Goal\\n\\nGreet.\\n\\n## Steps\\n\\n1. Write greeting.txt\\n\\n## Files\\n\\n\`greeting.txt\`";
const write = () => writeFileSync("greeting.txt", "Hello from the toy.\\n");

if (args.includes("--version")) console.log("toy 1.0.0");
else if (args[0] === "acp") acp();
else cli();

async function cli() {
  let prompt = "";
  for await (const chunk of process.stdin) prompt += chunk;
  put({ session: "s-1" });
  if (!args.includes("--read-only")) write();
  put({ type: "message", text: args.includes("--read-only") ? PLAN : "Greeted." });
  put({ type: "end", tokens: { in: prompt.length, out: 1 } });
}

function acp() {
  const waiting = new Map();
  let mode = "code";
  let asked = 0;
  const update = (update) => put({ jsonrpc: "2.0", method: "session/update", params: { sessionId: "s-1", update } });
  const say = (text) => update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
  const ask = (toolCall) =>
    new Promise((done) => {
      const id = "ask-" + ++asked;
      waiting.set(id, done);
      const options = [{ optionId: "yes", name: "Yes", kind: "allow_once" }, { optionId: "no", name: "No", kind: "reject_once" }];
      put({ jsonrpc: "2.0", id, method: "session/request_permission", params: { sessionId: "s-1", toolCall, options } });
    });
  const answers = {
    initialize: () => ({ protocolVersion: 1, agentInfo: { name: "toy", version: "1.0.0" }, agentCapabilities: { loadSession: true } }),
    "session/new": () => ({ sessionId: "s-1", modes: { currentModeId: mode, availableModes: ["code", "plan"].map((id) => ({ id, name: id })) } }),
    "session/load": () => ({ modes: { currentModeId: mode, availableModes: ["code", "plan"].map((id) => ({ id, name: id })) } }),
    "session/set_mode": ({ modeId }) => ((mode = modeId), {}),
    "session/prompt": async () => {
      if (mode === "plan") say(PLAN);
      else {
        const call = { toolCallId: "t-1", kind: "edit", title: "greeting.txt", locations: [{ path: process.cwd() + "/greeting.txt" }] };
        if ((await ask(call)).outcome.optionId === "yes") write();
        say("Greeted.");
      }
      return { stopReason: "end_turn" };
    },
  };
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const { id, method, params, result } = JSON.parse(line);
    if (method === undefined) waiting.get(id)?.(result);
    else if (id !== undefined) put({ jsonrpc: "2.0", id, result: await answers[method](params) });
  }).on("close", () => process.exit(0));
}
`;
