import { expect, test } from "vitest";
import { isRefusal } from "../../src/core/event.ts";
import type { AgentEvent } from "../../src/core/ports/agent.ts";
import { prompt } from "../../src/core/prompt.ts";
import { asksOf } from "../../src/core/session.ts";
import { ben, cleo, firstAsk, keyOf, opened, POLICY, pressed, said } from "../core/life.ts";
import { easyGit, eventually, INTERRUPTED, stage } from "./stage.ts";

const permission = (id: string, key = "Bash:npm test"): AgentEvent => ({
  type: "asked",
  ask: { id, key, what: { kind: "permission", tool: "Bash", detail: "npm test", why: "" } },
});
const question = (id: string, text: string): AgentEvent => ({
  type: "asked",
  ask: {
    id,
    key: text,
    what: {
      kind: "question",
      text,
      options: ["Yes", "No"].map((label) => ({ label, detail: "" })),
      multi: false,
      free: true,
      recommended: null,
    },
  },
});

test("an agent that dies slowly is waited for: two never work in one workspace", async () => {
  const oca = stage();
  const first = await oca.open();
  await oca.dispatch(pressed(cleo, "stop", 0));
  expect(first.desk.signal.aborted).toBe(true);
  expect(oca.session().phase.at).toBe("stopping");
  // It still works: nothing else may begin.
  await first.says({ type: "activity", activity: { id: "1", kind: "edit", title: "a.ts", state: "open" } });
  expect(oca.session().phase.at).toBe("stopping");
  await first.ends(INTERRUPTED);
  await oca.rests("paused");
  await oca.dispatch(pressed(cleo, "resume", keyOf(oca.session())));
  const second = await oca.turn(1);
  expect(second.turn.prompt).toContain("You were interrupted in the middle of this.");
  expect(oca.seen.most).toBe(1);
});

test("what an agent reports after it was stopped changes nothing, but its memory and its cost count", async () => {
  const oca = stage();
  const first = await oca.open();
  await oca.dispatch(pressed(cleo, "stop", 0));
  const usage = { inputTokens: 5, outputTokens: 7, costUsd: 0.25, estimated: false, workedMs: 9 };
  await first.says({ type: "token", token: "late" });
  await first.says({ type: "spent", usage });
  await first.ends({ answer: "Done after all!", plan: "# Plan" });
  await oca.rests("paused");
  expect(oca.session()).toMatchObject({ plans: [], memory: { token: "late" }, usage: { costUsd: 0.25 } });
});

test("an agent that is being stopped is granted nothing any more", async () => {
  const oca = stage();
  const first = await oca.writing();
  await oca.dispatch(pressed(cleo, "stop", 0));
  await first.says(permission("p1"));
  await first.ends(INTERRUPTED);
  await oca.rests("paused");
  expect(first.answers).toEqual([]);
});

test("an agent that vanishes without a word has crashed, and the work can be retried", async () => {
  const oca = stage();
  const first = await oca.open();
  first.vanishes();
  await oca.rests("paused");
  expect(oca.session().phase).toMatchObject({
    why: { why: "failed", outcome: { kind: "crashed", error: "demo stopped without saying how its turn ended" } },
  });
  await oca.dispatch(pressed(cleo, "resume", keyOf(oca.session())));
  await oca.turn(1);
});

const worked = (workedMs: number) => ({ inputTokens: 1, outputTokens: 1, costUsd: 0, estimated: true, workedMs });

test("an agent that has forgotten the conversation begins anew when a person says so, and knows what was done", async () => {
  const oca = stage({ git: easyGit({ changed: async () => ["a.ts"], diff: async () => "+const answer = 42;" }) });
  const first = await oca.open();
  await first.says({ type: "token", token: "tok" });
  await first.says({ type: "spent", usage: worked(10) });
  await first.ends({ answer: "It is blue." });
  await oca.rests("reviewing");
  await oca.dispatch(said(cleo, "make it red"));
  const second = await oca.turn(1);
  expect(second.desk.memory).toMatchObject({ token: "tok" });
  await second.ends({ ok: false, kind: "forgotten", error: "no such conversation" });
  await oca.rests("asking");
  expect(asksOf(oca.session())).toMatchObject([{ what: { kind: "forgotten", agent: "demo" } }]);
  await oca.dispatch(pressed(cleo, "answer", `${firstAsk(oca.session())}.0`));
  const third = await oca.turn(2);
  expect(third.desk.memory).toBeNull();
  expect(third.turn.kind).toBe(second.turn.kind);
  for (const words of ["make it red", "a.ts", "+const answer = 42;", oca.session().request])
    expect(third.turn.prompt).toContain(words);
});

test("an agent is told the rules of each turn as it starts: to plan, to commit, or in a checkout to leave it", async () => {
  const oca = stage();
  const first = await oca.open();
  expect(first.turn.prompt).toContain("This is a planning turn");
  expect(oca.session().phase).toMatchObject({ turn: { prompt: oca.session().request } });
  await first.ends({ plan: "# Plan" });
  await oca.rests("deciding");
  await oca.dispatch(pressed(ben, "approve", keyOf(oca.session())));
  const second = await oca.turn(1);
  expect(second.turn.prompt).toContain("git worktree of its own. Commit what you did");
  expect(second.turn.prompt).not.toContain("planning turn");

  const own = stage();
  await own.open({ policy: { ...POLICY, isolation: "off" }, skipPlan: true, by: ben });
  const [there] = own.turns;
  expect(there?.turn.prompt).toContain("do not commit, stash, reset");
  expect(there?.turn.prompt).not.toContain("Commit what you did");
});

test("a turn that was saved with its rules gets none twice", async () => {
  const oca = stage();
  const first = await oca.open();
  await oca.dispatch(pressed(cleo, "stop", 0));
  await first.ends(INTERRUPTED);
  await oca.rests("paused");
  const saved = oca.session();
  if (saved.phase.at !== "paused" || saved.phase.retry.at !== "preparing") throw new Error(saved.phase.at);
  const { retry } = saved.phase;
  const turn = { ...retry.turn, prompt: prompt.ruled("plan", retry.turn.prompt) };
  oca.store.sessions.set(saved.id, { ...saved, phase: { ...saved.phase, retry: { ...retry, turn } } });
  await oca.dispatch(pressed(cleo, "resume", keyOf(saved)));
  expect((await oca.turn(1)).turn.prompt.split("This is a planning turn")).toHaveLength(2);
});

test("whoever would rather not begin anew stops there, and may still change their mind", async () => {
  const oca = stage();
  const first = await oca.open();
  await first.says({ type: "token", token: "tok" });
  await first.ends({ ok: false, kind: "forgotten", error: "gone" });
  await oca.rests("asking");
  await oca.dispatch(pressed(cleo, "answer", `${firstAsk(oca.session())}.1`));
  await oca.rests("paused");
  expect(oca.session()).toMatchObject({ phase: { why: { why: "stopped" } }, memory: { token: "tok" } });
  await oca.dispatch(pressed(cleo, "resume", keyOf(oca.session())));
  expect((await oca.turn(1)).turn.prompt).toBe(first.turn.prompt);
});

test("an agent that is not there any more pauses the session with the names of those that are", async () => {
  const oca = stage();
  await oca.dispatch(opened(cleo, { agent: "nobody" }));
  await oca.rests("paused");
  expect(oca.session().phase).toMatchObject({
    why: { outcome: { error: "no agent is named nobody: there are demo" } },
  });
});

test("equal permissions are one ask, and one answer reaches all of them", async () => {
  const oca = stage();
  const turn = await oca.writing();
  await turn.says(permission("p1"));
  await turn.says(permission("p2"));
  await turn.says(permission("p3", "Bash:rm -rf dist"));
  expect(asksOf(oca.session())).toHaveLength(2);
  await oca.dispatch(pressed(ben, "answer", `${firstAsk(oca.session())}.0`));
  expect(turn.answers).toEqual(["p1", "p2"].map((id) => ({ id, answer: { is: "allowed", scope: "once" } })));
  expect(asksOf(oca.session())).toHaveLength(1);
});

test("what is granted for the session is answered at once; what was granted once is asked again", async () => {
  const oca = stage();
  const turn = await oca.writing();
  await turn.says(permission("p1"));
  await oca.dispatch(pressed(ben, "answer", `${firstAsk(oca.session())}.0`));
  await turn.says(permission("p2"));
  await oca.dispatch(pressed(ben, "answer", `${firstAsk(oca.session())}.1`));
  await turn.says(permission("p3"));
  expect(asksOf(oca.session())).toEqual([]);
  expect(turn.answers.map(({ id, answer }) => [id, answer.is === "allowed" && answer.scope])).toEqual([
    ["p1", "once"],
    ["p2", "session"],
    ["p3", "session"],
  ]);
});

test("the button of an answered question never answers the next one", async () => {
  const oca = stage();
  const turn = await oca.writing();
  await turn.says(question("q1", "Drop the table?"));
  const old = firstAsk(oca.session());
  await oca.dispatch(pressed(cleo, "answer", `${old}.1`));
  await turn.says(question("q2", "Really keep it?"));
  const late = await oca.dispatch(pressed(cleo, "answer", `${old}.1`));
  expect(late).toMatchObject({ refused: "already" });
  expect(turn.answers.map(({ id }) => id)).toEqual(["q1"]);
  expect(firstAsk(oca.session())).not.toBe(old);
});

test("words that answer a question reach the agent that waits", async () => {
  const oca = stage();
  const turn = await oca.writing();
  await turn.says(question("q1", "Which one?"));
  await oca.dispatch(said(cleo, "The blue one"));
  expect(turn.answers).toEqual([{ id: "q1", answer: { is: "picked", labels: [], text: "The blue one" } }]);
});

test("a turn ends while the disk is full: the card says so, nothing is lost, and it goes on by itself", async () => {
  const oca = stage();
  const turn = await oca.open();
  oca.store.broken.put = new Error("ENOSPC: no space left on device");
  const ended = turn.ends({ plan: "# Plan\n\n## Steps\n\n1. One" });
  await eventually(
    () => oca.screen.troubles.includes("ENOSPC: no space left on device"),
    () => oca.screen.troubles,
  );
  expect(oca.session().phase.at).toBe("running");
  oca.store.broken.put = null;
  await ended;
  await oca.rests("deciding");
  expect(oca.session().plans).toHaveLength(1);
  expect(oca.screen.troubles.at(-1)).toBeNull();
});

test("a person's words that cannot be saved are not acknowledged", async () => {
  const oca = stage();
  await oca.open();
  oca.store.broken.put = new Error("ENOSPC");
  await expect(oca.dispatch(said(cleo, "Make it blue"))).rejects.toThrow("ENOSPC");
  expect(oca.session().queue).toEqual([]);
});

test("a transcript that cannot be written does not end the agent's turn", async () => {
  const oca = stage();
  const turn = await oca.open();
  oca.store.broken.note = new Error("ENOSPC");
  await turn.says({ type: "text", text: "I look around." });
  await turn.ends({ plan: "# Plan" });
  await oca.rests("deciding");
});

test("somebody else was faster with the same session: it is stepped again from what is true now", async () => {
  const oca = stage();
  await oca.open();
  const { put } = oca.store;
  let other: (() => Promise<unknown>) | null = () => {
    const now = oca.session();
    const event = said(ben, "First!");
    return put({ ...now, rev: now.rev + 1, seen: [...now.seen, event.id] }, event, now.rev);
  };
  oca.store.put = async (session, event, rev) => {
    await other?.();
    other = null;
    return put(session, event, rev);
  };
  await oca.dispatch(said(cleo, "Second!"));
  expect(oca.session()).toMatchObject({ rev: 4, queue: [{ text: "Second!" }] });
});

test("events of one session are taken one after another", async () => {
  const oca = stage();
  await oca.open();
  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => oca.dispatch(said(cleo, `word ${n}`))));
  expect(results.filter(isRefusal)).toEqual([]);
  expect(oca.session().queue.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, n) => `word ${n}`));
});

test("work that throws pauses the session with what it said", async () => {
  const oca = stage({
    git: easyGit({ prepare: () => Promise.reject(new Error("the repository is on fire: call the fire brigade")) }),
  });
  await oca.dispatch(opened(cleo));
  await oca.rests("paused");
  expect(oca.session().phase).toMatchObject({
    why: { outcome: { error: "the repository is on fire: call the fire brigade" } },
  });
});

test("a plan turn that wrote all the same fails, and says what was put back", async () => {
  const oca = stage({
    git: easyGit({ watch: async () => async () => ["src/a.ts"] }),
  });
  const turn = await oca.open();
  await turn.ends({ plan: "# Plan" });
  await oca.rests("paused");
  expect(oca.session()).toMatchObject({ plans: [], phase: { why: { outcome: { kind: "wrote", error: "src/a.ts" } } } });
});

test("stopping the bot ends every agent and leaves the sessions as they are", async () => {
  const oca = stage();
  const turn = await oca.open();
  const { rev } = oca.session();
  const stopping = oca.engine.stop();
  expect(turn.desk.signal.aborted).toBe(true);
  await turn.ends(INTERRUPTED);
  await stopping;
  expect(oca.session().rev).toBe(rev);
  await expect(oca.dispatch(said(cleo, "too late"))).rejects.toThrow("oca is stopping");
});

test("what is saved in the moment of stopping starts no agent any more", async () => {
  const saving = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const oca = stage();
  const { put } = oca.store;
  oca.store.put = async (session, event, rev) => {
    await put(session, event, rev);
    if (event.type !== "prepared") return;
    saving.resolve();
    await slow.promise;
  };
  await oca.dispatch(opened(cleo));
  await saving.promise;
  const stopping = oca.engine.stop();
  slow.resolve();
  await stopping;
  await new Promise((resolve) => setImmediate(resolve));
  expect(oca.session().phase.at).toBe("running");
  expect(oca.turns).toEqual([]);
});

test("after a start, what was touched last goes on first, and no more than there are places for", async () => {
  const oca = stage({ slots: 1 });
  const ids = ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"];
  for (const [at, id] of ids.entries()) {
    const before = stage();
    await before.open({ session: id, at });
    oca.store.sessions.set(id, { ...before.session(id), updatedAt: at });
  }
  await oca.engine.restart();
  const first = await oca.turn(0);
  expect(oca.turns).toHaveLength(1);
  await first.ends({ plan: "# Plan" });
  await (await oca.turn(1)).ends({ plan: "# Plan" });
  await (await oca.turn(2)).ends({ plan: "# Plan" });
  for (const id of ids) await oca.rests("deciding", id);
  expect(oca.store.sessions.get("cccccccccc")?.updatedAt).toBeGreaterThan(0);
  expect(oca.seen.most).toBe(1);
});

test("steps and usage are saved every few seconds, not with every word", async () => {
  let time = 0;
  const oca = stage({ now: () => time });
  const turn = await oca.open();
  const saved = async () => (await oca.store.journal(oca.session().id)).filter(({ event }) => event.type === "noted");
  const shown = oca.screen.shown.length;
  for (let n = 0; n < 100; n++) {
    time += 100;
    await turn.says({ type: "activity", activity: { id: `${n}`, kind: "read", title: "a.ts", state: "ok" } });
  }
  expect(await saved()).toHaveLength(2);
  // What is saved only in case of a kill is no reason to draw at once: the card keeps its pace.
  expect(oca.screen.shown).toHaveLength(shown);
  await turn.says({ type: "token", token: "at once" });
  expect(oca.session().memory).toMatchObject({ token: "at once" });
  await turn.ends({ plan: "# Plan" });
});
