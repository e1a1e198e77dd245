import type { KnownBlock } from "@slack/types";
import type { WebClient } from "@slack/web-api";
import type { SlackLog } from "./log.ts";
import { type Features, PLAIN } from "./render.ts";
import { codeOf } from "./trouble.ts";

const SAMPLES: Record<keyof Features, KnownBlock> = {
  plan: { type: "plan", title: "oca", tasks: [{ type: "task_card", task_id: "a", title: "oca", status: "pending" }] },
  table: { type: "table", rows: [[{ type: "raw_text", text: "oca" }]] },
  container: {
    type: "container",
    title: { type: "plain_text", text: "oca" },
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [{ type: "section", text: { type: "plain_text", text: "oca" } }],
  },
};

/** Which of the newer blocks this workspace shows: asked once, at the start. Where it cannot be asked, none. */
export async function probe(client: WebClient, log: SlackLog): Promise<Features> {
  const takes = async (name: keyof Features): Promise<boolean> => {
    try {
      return (await client.blocks.validate({ message: { blocks: [SAMPLES[name]] } })).ok;
    } catch (error) {
      log.info({ error: codeOf(error), block: name }, "cards are drawn without this block");
      return false;
    }
  };
  const [plan, table, container] = await Promise.all([takes("plan"), takes("table"), takes("container")]);
  return { ...PLAIN, plan, table, container };
}
