/**
 * Records what the real Codex says, for the tests that have no Codex: `node test/agents/record-codex.ts`. Each file of
 * test/fixtures/codex is one turn: a line about the recording, then each message with who said it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCodex } from "../../src/agents/codex.ts";
import { json, lines } from "../../src/agents/lines.ts";
import type { Spawn } from "../../src/core/ports/spawn.ts";
import type { Play } from "../contract/agent.ts";
import { makePlace, type Place } from "../contract/place.ts";
import { codex } from "../twin/model/scripts/codex.ts";
import { bench, KEY } from "./bench.ts";
import { bin } from "./bin.ts";
import { provider } from "./codex-provider.ts";

const FOLDER = join(import.meta.dirname, "..", "fixtures", "codex");
const ALLOWED = { is: "allowed", scope: "once" } as const;
const PLAYS = ["plan", "permission", "question", "steered", "slow", "limited", "helper"] as const satisfies Play[];

async function record(play: (typeof PLAYS)[number], model: string): Promise<void> {
  const place = await makePlace();
  const talk: { from: string; message: unknown }[] = [];
  const real = await bench(place, {
    scripts: codex,
    agent: (url) => createCodex({ command: bin("codex"), config: provider(url, model) }),
    missing: () => createCodex(),
    env: () => ({ CODEX_TEST_KEY: KEY }),
    can: (await createCodex().probe(place.desk())).can,
  });
  const stop = new AbortController();
  const desk = place.desk({ ...real.desk, model, spawn: listening(place.spawn, talk), signal: stop.signal });
  const kind = play === "plan" ? "plan" : "write";
  const run = real.agent().run({ kind, agent: "codex", prompt: real.request(play) ?? "", files: [], took: [] }, desk);
  for await (const event of run) {
    if (event.type === "asked" && event.ask.what.kind === "permission") run.answer(event.ask.id, ALLOWED);
    else if (event.type === "asked") run.answer(event.ask.id, { is: "picked", labels: ["Blue"], text: null });
    if (play === "steered" && event.type === "activity") {
      run.steer?.([{ message: "m-1", text: "please mind the gap" }]);
      void place.write("go", "");
    }
    if (play === "slow" && event.type === "text") stop.abort();
  }
  const { version } = await real.agent().probe(desk);
  const head = { recorded: "codex app-server", version, model, play, kind };
  const text = [head, ...talk].map((line) => `${JSON.stringify(line)}\n`).join("");
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${play}-${model}.jsonl`), nameless(text, place));
  await real.stop();
  await place.stop();
}

/** Hears both sides. */
function listening(spawn: Spawn, talk: { from: string; message: unknown }[]): Spawn {
  return (order) => {
    const child = spawn(order);
    if (!order.args.includes("app-server")) return child;
    return {
      ...child,
      write: (text) => {
        talk.push({ from: "client", message: json(text) });
        return child.write(text);
      },
      stdout: (async function* () {
        for await (const line of lines(child.stdout)) {
          talk.push({ from: "server", message: json(line) });
          yield Buffer.from(`${line}\n`);
        }
      })(),
    };
  };
}

/** Nothing of the machine stays in it. */
const nameless = (text: string, { cwd }: Place): string =>
  text
    .replaceAll(join(cwd, ".."), "/place")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:1")
    .replace(/"userAgent":"[^"]*"/g, '"userAgent":""');

for (const model of ["gpt-6.1-sol", "gpt-5.4-nano"]) for (const play of PLAYS) await record(play, model);
