import { type ClientContext, methods } from "@agentclientprotocol/sdk";
import type { Turn } from "../../core/parts.ts";
import type { Quirks } from "../quirks.ts";
import { Opened, type Option, type Update } from "../wire/acp.ts";

/** The modes and options of a session: set by us, and read back. */
export interface Dial {
  take(update: Update): void;
  /** Puts the session into the mode for this kind of turn. Rejects when it has none, or is in another one afterwards. */
  setMode(kind: Turn["kind"]): Promise<void>;
  /** Rejects when there is no such option or value, or it has another one afterwards. */
  setModel(model: string): Promise<void>;
  setEffort(effort: string): Promise<void>;
  /** The mode that the session is in although it was put into another one. */
  strayed(): string | null;
}

/** A setting that the agent did not take; the message is for a person. */
export class Unset extends Error {}

interface DialOptions {
  agent: ClientContext;
  name: string;
  sessionId: string;
  opened: Opened;
  quirks: Quirks;
}

export function createDial({ agent, name, sessionId, opened, quirks }: DialOptions): Dial {
  const modes = opened.modes?.availableModes.map(({ id }) => id) ?? [];
  let mode = opened.modes?.currentModeId ?? null;
  let options = known(opened);
  let reported = false;
  let wanted: string | null = null;

  function report(id: string): void {
    mode = id;
    reported = true;
  }

  async function turnTo(id: string): Promise<void> {
    if (modes.length > 0 && !modes.includes(id))
      throw new Unset(`${name} has no mode ${id}, only ${modes.join(", ")}.`);
    reported = false;
    await agent.request(methods.agent.session.setMode, { sessionId, modeId: id });
    // Most agents answer and report nothing: then the answer is the report.
    if (!reported && !quirks.confirms) mode = id;
    if (mode !== id) throw new Unset(`${name} was put into the mode ${id}, but is in ${mode ?? "an unknown one"}.`);
    wanted = id;
  }

  async function choose(option: Option, value: string): Promise<void> {
    if (option.options.length > 0 && !option.options.includes(value)) {
      throw new Unset(`${name} has no ${option.id} ${value}, only ${option.options.join(", ")}.`);
    }
    const answer = await agent.request(methods.agent.session.setConfigOption, {
      sessionId,
      configId: option.id,
      value,
    });
    options = known(Opened.parse(answer)) ?? options;
    const is = options?.find(({ id }) => id === option.id)?.currentValue;
    if (is !== value) throw new Unset(`${name} was given the ${option.id} ${value}, but has ${String(is)}.`);
  }

  async function apply(setting: string): Promise<void> {
    const [id = "", value] = setting.split("=");
    if (value === undefined && (modes.length > 0 || !find("mode"))) return turnTo(id);
    const option = value === undefined ? find("mode") : options?.find((one) => one.id === id);
    if (!option) throw new Unset(`${name} has no setting ${id}.`);
    return choose(option, value ?? id);
  }

  const find = (category: string): Option | undefined =>
    options?.find((option) => option.category === category) ?? options?.find(({ id }) => id === category);

  return {
    take: (update) => {
      if (update.sessionUpdate === "current_mode_update") report(update.currentModeId);
      if (update.sessionUpdate === "config_option_update") options = known(update) ?? options;
      const { modeText } = quirks;
      if (modeText === null || update.sessionUpdate !== "agent_message_chunk") return;
      const { text } = update.content;
      if (text.startsWith(modeText)) report(text.slice(modeText.length).trim());
    },
    setMode: async (kind) => {
      const settings = (kind === "plan" ? quirks.plan : quirks.write) ?? guess(kind, modes, find("mode"));
      if (settings === null)
        throw new Unset(`${name} offers no read-only mode, so it cannot plan without changing things.`);
      for (const setting of settings) await apply(setting);
    },
    setModel: async (model) => {
      if (quirks.model !== null) return same(model, opened.models?.currentModelId);
      const option = find("model");
      if (!option) throw new Unset(`${name} lets nobody choose the model ${model}: set it in ${name} itself.`);
      return choose(option, model);
    },
    setEffort: async (effort) => {
      const option = find("thought_level");
      if (!option) throw new Unset(`${name} has no setting for the effort ${effort}.`);
      return choose(option, effort);
    },
    strayed: () => (wanted === null || mode === wanted ? null : mode),
  };

  function same(model: string, is: string | undefined): void {
    if (is !== undefined && is !== model) throw new Unset(`${name} was asked for the model ${model}, but uses ${is}.`);
  }
}

const known = ({ configOptions }: Pick<Opened, "configOptions">): Option[] | null =>
  configOptions?.filter((option) => option !== null) ?? null;

const READS = /plan|read.?only|\bask\b/i;
const FREE = /yolo|bypass|full|auto|dont.?ask/i;

/** For an agent that nobody described; null where a plan turn has nothing to go by. */
function guess(kind: Turn["kind"], modes: readonly string[], option: Option | undefined): string[] | null {
  const all = modes.length > 0 ? modes : (option?.options ?? []);
  if (kind === "plan") {
    const mode = all.find((id) => /plan/i.test(id)) ?? all.find((id) => READS.test(id));
    return mode === undefined ? null : [mode];
  }
  const mode = all.find((id) => !READS.test(id) && !FREE.test(id));
  return mode === undefined ? [] : [mode];
}
