import { type Block, type Scene, text, tool } from "../script.ts";
import { type Hands, story } from "./story.ts";

/** Newer models get one tool that takes JavaScript; the others get the tools themselves. */
const inCode = ({ tools }: Scene): boolean => !tools.includes("exec_command");
const code = (source: string): Block => tool("exec", source, { raw: true });

/** Helpers' tools have a namespace, which differs from model to model. */
const collab = (scene: Scene, name: string, input: object): Block => {
  const namespace = scene.tools.find((one) => one.endsWith(`.${name}`))?.replace(`.${name}`, "");
  return tool(name, input, namespace === undefined ? {} : { namespace });
};

const patch = (path: string, content: string): string => {
  const lines = content.replace(/\n$/, "").split("\n");
  return ["*** Begin Patch", `*** Add File: ${path}`, ...lines.map((line) => `+${line}`), "*** End Patch", ""].join(
    "\n",
  );
};

const run = (scene: Scene, command: string): Block => {
  const order = { cmd: command, yield_time_ms: 30_000 };
  if (!inCode(scene)) return tool("exec_command", order);
  return code(`const r = await tools.exec_command(${JSON.stringify(order)}); text(r);`);
};

let helpers = 0;

const hands: Hands = {
  write: (scene, path, content) => {
    if (inCode(scene))
      return code(`const r = await tools.apply_patch(${JSON.stringify(patch(path, content))}); text(r);`);
    if (scene.tools.includes("apply_patch")) return tool("apply_patch", patch(path, content), { raw: true });
    return run(scene, `printf '%s' '${content}' > '${path}'`);
  },
  shell: run,
  ask: (scene, questions) => {
    const asked = questions.map(({ id, text: question, options }) => ({
      id,
      header: id,
      question,
      options: options.map((label) => ({ label, description: `It is ${label}` })),
    }));
    return tool("request_user_input", { questions: asked }, inCode(scene) ? { namespace: "functions" } : {});
  },
  propose: (markdown) => [[text(`Here it is.\n<proposed_plan>\n${markdown}\n</proposed_plan>\n`)]],
  // A name is free once in a conversation.
  helper: (scene, prompt) =>
    collab(scene, "spawn_agent", { message: prompt, task_name: `help_${++helpers}`, fork_turns: "none" }),
  wait: (scene) => {
    // Some models name whom they wait for, others wait for anybody.
    const id = /"agent_id":"([^"]+)"/.exec(scene.since.flatMap(({ results }) => results).join())?.[1];
    return collab(scene, "wait_agent", { timeout_ms: 20_000, ...(id === undefined ? {} : { targets: [id] }) });
  },
  fetch: null,
  mcp: () => tool("touch", {}, { namespace: "mcp__canary" }),
};

/** What the scripted model does as the model of Codex. */
export const codex = story(hands);
