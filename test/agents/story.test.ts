import { expect, test } from "vitest";
import { readAction } from "../../src/core/action.ts";
import type { Incoming } from "../../src/core/ports/chat.ts";
import { Ana, Ben, Cleo } from "../story/stage.ts";
import { marker } from "../twin/model/script.ts";
import { PATIENCE_MS } from "./crew.ts";
import { agreed, stage } from "./stage.ts";

test("Approve after feedback never approves the plan before it, and the plan after it waits through a restart", {
  timeout: 4 * PATIENCE_MS,
}, async () => {
  const { oca, model } = await stage("claude");
  await oca.say(Cleo, `Let oca write it ${marker("plan")}`);
  await oca.sees("Plan v1");
  await oca.rests("deciding");
  const card = oca.chat.lines.find(({ view }) => view?.head.startsWith("Plan v1"));
  const action = card?.view?.buttons
    .flatMap(({ does }) => ("action" in does ? [does.action] : []))
    .find((one) => readAction(one)?.verb === "approve");
  if (!card || !action) return expect.fail("Plan v1 cannot be approved");
  const late = (id: string): Incoming => ({
    ...{ type: "click", id, at: Date.now(), by: Ben, thread: oca.thread(), locale: "en" },
    ...{ message: card.at.id, action, text: null },
  });

  await oca.say(Cleo, `Differently, please ${marker("replan")}`);
  // While the new plan is made, and when it is there.
  await oca.chat.deliver(late("text:late-1"));
  await oca.sees("Plan v2");
  await oca.rests("deciding");
  await oca.chat.deliver(late("text:late-2"));
  expect(await oca.session()).toMatchObject({ warrant: null, phase: { at: "deciding", votes: [] } });
  expect(model.turns("write")).toEqual([]);

  const later = await oca.restart();
  await later.click(Ben, "Approve");
  await agreed(later, "reviewing");
  const { plans, warrant } = await later.session();
  expect(plans).toHaveLength(2);
  expect(warrant?.digest).toBe(plans[1]?.digest);
  expect(plans[1]?.markdown).toContain("second");
  await later.click(Ana, "Merge");
  await later.rests("closed");
  expect(await later.reads("hello-model.txt")).toBe("hello\n");
});
