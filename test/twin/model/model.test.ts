import { afterEach, describe, expect, test } from "vitest";
import { type Model, startModel } from "./index.ts";
import { drop, fail, hang, marker, type Scripts, text, think, tool } from "./script.ts";

const SCRIPTS: Scripts = {
  hello: [[text("Hello.")]],
  work: [
    ({ cwd, arg }) => [think("Well."), text("I write."), tool("write", { path: `${cwd}/${arg}` })],
    [tool("write", {}), tool("write", {})],
    ({ since }) => [text(`It said ${since.flatMap(({ results }) => results).join()}`)],
  ],
  auth: [[fail(401, "no")]],
  limited: [[fail(429, "enough", 60)]],
  broken: [[fail(500, "oh")]],
  cut: [[text("Half an ans"), drop()]],
  hangs: [[text("Wait."), hang(60_000)]],
};

let model: Model;
afterEach(() => model.stop());

const TOOLS = ["read", "write"];

/** How each provider's clients speak, as little of it as does. */
const CLIENTS = {
  anthropic: {
    path: "/v1/messages",
    body: (says: object[]) => ({
      model: "m",
      stream: true,
      system: "Working directory: /w",
      tools: TOOLS.map((name) => ({ name })),
      messages: says,
    }),
    user: (words: string) => ({ role: "user", content: words }),
    call: (id: string) => ({ role: "assistant", content: [{ type: "tool_use", id, name: "write", input: {} }] }),
    result: (id: string, words: string) => ({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: id, content: words }],
    }),
    kind: "authentication_error",
  },
  responses: {
    path: "/v1/responses",
    body: (says: object[]) => ({
      model: "m",
      stream: true,
      instructions: "<cwd>/w</cwd>",
      tools: TOOLS.map((name) => ({ type: "function", name })),
      input: says,
    }),
    user: (words: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text: words }] }),
    call: (id: string) => ({ type: "function_call", call_id: id, name: "write", arguments: "{}" }),
    result: (id: string, words: string) => ({ type: "function_call_output", call_id: id, output: words }),
    kind: "invalid_api_key",
  },
  chat: {
    path: "/v1/chat/completions",
    body: (says: object[]) => ({
      model: "m",
      stream: true,
      tools: TOOLS.map((name) => ({ type: "function", function: { name } })),
      messages: [{ role: "system", content: "Working directory: /w" }, ...says],
    }),
    user: (words: string) => ({ role: "user", content: words }),
    call: (id: string) => ({ role: "assistant", tool_calls: [{ id, function: { name: "write", arguments: "{}" } }] }),
    result: (id: string, words: string) => ({ role: "tool", tool_call_id: id, content: words }),
    kind: "authentication_error",
  },
  gemini: {
    path: "/v1beta/models/m:streamGenerateContent",
    body: (says: object[]) => ({
      systemInstruction: { parts: [{ text: "- **Workspace Directories:**\n  - /w\n" }] },
      tools: [{ functionDeclarations: TOOLS.map((name) => ({ name })) }],
      contents: says,
    }),
    user: (words: string) => ({ role: "user", parts: [{ text: words }] }),
    call: () => ({ role: "model", parts: [{ functionCall: { name: "write", args: {} } }] }),
    result: (_: string, words: string) => ({
      role: "user",
      parts: [{ functionResponse: { name: "write", response: { output: words } } }],
    }),
    kind: "UNAUTHENTICATED",
  },
};

describe.each(Object.entries(CLIENTS))("the scripted model over %s", (_name, client) => {
  const post = (says: object[], signal?: AbortSignal) =>
    fetch(model.url + client.path, {
      method: "POST",
      body: JSON.stringify(client.body(says)),
      ...(signal ? { signal } : {}),
    });
  const answer = async (...says: object[]) => (await post(says)).text();

  test("plays what the last marker names, as far as the conversation has come", async () => {
    model = await startModel({ scripts: SCRIPTS });
    const begin = [client.user(`First ${marker("hello")}`), client.user(`Then ${marker("work", "a.txt")}`)];
    expect(await answer(...begin)).toMatch(/I write\.[\s\S]*\/w\/a\.txt/);
    const first = [...begin, client.call("call_work.0.0"), client.result("call_work.0.0", "written")];
    expect(await answer(...first)).not.toContain("It said");
    const second = [...first, client.call("call_work.1.0"), client.result("call_work.1.0", "again")];
    expect(await answer(...second)).toMatch(/It said .*written.*again/);
    expect(await answer(...second, client.user(`And ${marker("hello")}`))).toContain("Hello.");
    expect(model.turns("work").map(({ play }) => play?.step)).toEqual([0, 1, 2]);
    expect(model.seen[0]).toMatchObject({ told: { tools: TOOLS }, bytes: expect.any(Number), side: false });
  });

  test("fails as the provider does", async () => {
    model = await startModel({ scripts: SCRIPTS });
    const refused = await post([client.user(marker("auth"))]);
    expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining(client.kind)]);
    const limited = await post([client.user(marker("limited"))]);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await post([client.user(marker("broken"))])).status).toBe(500);
    const cut = await post([client.user(marker("cut"))]);
    await expect(cut.text()).rejects.toThrow();
  });

  test("notices who hangs up", async () => {
    model = await startModel({ scripts: SCRIPTS });
    const stop = new AbortController();
    await post([client.user(marker("hangs"))], stop.signal);
    stop.abort();
    await expect.poll(() => model.seen[0]?.cut).toBe(true);
  });

  test("does not go round for ever", async () => {
    model = await startModel({ scripts: SCRIPTS, maxPlays: 2 });
    for (const status of [200, 200, 400, 400]) {
      const response = await post([client.user(marker("hello"))]);
      await response.text();
      expect(response.status).toBe(status);
    }
  });
});

test("side requests get an answer of their own", async () => {
  model = await startModel({ scripts: SCRIPTS });
  const body = { model: "m", messages: [{ role: "user", content: `A title for ${marker("work")}` }] };
  const response = await fetch(`${model.url}/v1/messages`, { method: "POST", body: JSON.stringify(body) });
  expect(await response.json()).toMatchObject({ content: [{ text: expect.stringContaining("title") }] });
  expect(model.turns()).toEqual([]);
});
