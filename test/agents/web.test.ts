import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Role } from "../../src/core/authority.ts";
import { ask, codeOf, type Page, page } from "../chat/web/stage.ts";
import { until } from "../story/stage.ts";
import { folder } from "../terminal.ts";
import { marker } from "../twin/model/script.ts";
import type { Real } from "./bin.ts";
import { PATIENCE_MS } from "./crew.ts";
import { stage } from "./stage.ts";

const NAMES = ["claude", "codex", "opencode", "gemini"] as const satisfies Real[];
const ROLES: Record<string, Role> = { "web:ana": "owner", "web:ben": "approver", "web:cleo": "requester" };
/** A server of tools; its tool `touch` writes a line into a file. */
const SERVER = join(import.meta.dirname, "..", "fake", "mcp.ts");

test.for(NAMES)(
  "%s: plan, approve, work, a reply that needs the owner's tools, and merge, all in the web chat",
  { timeout: 4 * PATIENCE_MS },
  async (name) => {
    const notes = join(await folder(), "notes.txt");
    const args = [SERVER, notes];
    const { oca } = await stage(name, {
      config: {
        web: { port: 0, people: {} },
        roles: { everybody: "observer", people: ROLES, channels: {} },
        mcp: [{ is: "command", name: "canary", command: process.execPath, args, env: {} }],
      },
    });
    const comes = async (user: string): Promise<Page> => {
      const { web } = oca.oca;
      if (!web) return expect.fail("there is no web chat");
      const code = codeOf(await web.enter({ user, name: user }));
      const { text } = await ask(web.url(), "/api/enter", { method: "POST", json: { code } });
      return page(web, z.object({ token: z.string() }).parse(JSON.parse(text)).token);
    };
    const [ana, ben, cleo] = [await comes("ana"), await comes("ben"), await comes("cleo")];

    const first = await cleo.say(`Let oca write it ${marker("plan")}`, { channel: "general" });
    const { thread } = z.object({ thread: z.string() }).parse(first.body);
    await presses(ben, thread, "Approve");
    await agrees(ben, thread, "Merge");
    await ben.say(`And leave a note, please ${marker("served")}`, { channel: "general", thread });
    const said = async () =>
      JSON.stringify(
        (await Promise.all((await oca.oca.store.all()).map(({ id }) => oca.oca.store.transcript(id)))).flat(),
      );
    await agrees(ben, thread, "Merge", async () =>
      // Gemini CLI starts no servers in a folder that it does not trust: then the thread says that there is none.
      name === "gemini"
        ? (await said()).includes("MCP server canary is left out")
        : (await readFile(notes, "utf8").catch(() => "")) === "touched\n",
    );
    await presses(ana, thread, "Merge");
    await agrees(ana, thread, "Undo");

    expect(await oca.reads("hello-model.txt")).toBe("hello\n");
    expect(await oca.git("status", "--porcelain")).toBe("");
    expect(await oca.oca.store.all()).toMatchObject([{ agent: name, phase: { at: "closed" } }]);
  },
);

const Posts = z.array(
  z.object({
    id: z.string(),
    card: z
      .object({ head: z.string(), buttons: z.array(z.object({ label: z.string(), does: z.unknown() })) })
      .nullable(),
  }),
);
const Action = z.object({ action: z.string() });

/** The newest button with this label, as this person's page shows it. */
async function find(page: Page, thread: string, label: string): Promise<{ message: string; action: string } | null> {
  const { body } = await page.call(`/threads/${thread}`);
  for (const { id, card } of Posts.parse(body.posts).toReversed()) {
    const action = Action.safeParse(card?.buttons.find((button) => button.label === label)?.does).data?.action;
    if (action !== undefined) return { message: id, action };
  }
  return null;
}

async function press(page: Page, thread: string, found: { message: string; action: string }): Promise<void> {
  const { status } = await page.call("/clicks", {
    method: "POST",
    json: { once: crypto.randomUUID(), thread, ...found, text: null },
  });
  expect(status).toBe(200);
}

const heads = async (page: Page, thread: string): Promise<string> =>
  Posts.parse((await page.call(`/threads/${thread}`)).body.posts)
    .flatMap(({ card }) => (card ? [card.head] : []))
    .join("\n");

async function presses(page: Page, thread: string, label: string): Promise<void> {
  await until(
    async () => (await find(page, thread, label)) !== null,
    async () => `the button "${label}", but saw:\n${await heads(page, thread)}`,
    PATIENCE_MS,
  );
  const found = await find(page, thread, label);
  if (found) await press(page, thread, found);
}

/** Says yes to what the agent asks, until there is such a button and this holds. */
async function agrees(
  page: Page,
  thread: string,
  label: string,
  holds: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  const pressed = new Set<string>();
  await until(
    async () => {
      const once = await find(page, thread, "Allow once");
      if (once && !pressed.has(once.action)) {
        pressed.add(once.action);
        await press(page, thread, once);
      }
      return (await find(page, thread, label)) !== null && (await holds());
    },
    async () => `the button "${label}", but saw:\n${await heads(page, thread)}`,
    PATIENCE_MS,
  );
}
