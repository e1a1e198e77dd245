import { pathToFileURL } from "node:url";
import type { Turn } from "../../core/parts.ts";
import type { Desk } from "../../core/ports/agent.ts";
import { Messages, Session } from "../wire/opencode.ts";
import { type Http, HttpError } from "./http.ts";
import { agentOf } from "./launch.ts";

/** What a turn cannot begin for; the message is for a person. */
export class Unfit extends Error {}

/** The conversation is gone. */
export class Forgotten extends Unfit {}

export interface Model {
  providerID: string;
  modelID: string;
}

/** `provider/model`; the model's own name may have slashes. */
export function modelOf(name: string | null): Model | null {
  if (name === null) return null;
  const [, providerID = "", modelID = ""] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (modelID === "") throw new Unfit(`OpenCode names models provider/model, and ${name} is none of these.`);
  return { providerID, modelID };
}

export const nameOf = ({ providerID, modelID }: Model): string => `${providerID}/${modelID}`;

/** The conversation of the turn: a new one, the one that is remembered, or a copy of it. */
export async function conversation(http: Http, memory: Desk["memory"]): Promise<Session> {
  if (!memory) return Session.parse(await http.call("POST", "/session", { title: "oca" }));
  const path = `/session/${encodeURIComponent(memory.token)}`;
  const known = await http.call("GET", path).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new Forgotten(`OpenCode no longer knows the conversation ${memory.token}: ${error.message}`);
  });
  if (!memory.fork) return Session.parse(known);
  if (memory.point !== null) await mustHave(http, path, memory.point);
  const copy = Session.parse(
    await http.call("POST", `${path}/fork`, memory.point === null ? {} : { messageID: memory.point }),
  );
  return Session.parse(await http.call("GET", `/session/${copy.id}`));
}

/** A point that it does not know OpenCode takes for the end. */
async function mustHave(http: Http, path: string, point: string): Promise<void> {
  const messages = Messages.parse(await http.call("GET", `${path}/message`));
  if (messages.every(({ info }) => info.id !== point))
    throw new Unfit(`The conversation has no message ${point} that a new one could begin before.`);
}

/** A message for OpenCode. Agent and model are stated every time: OpenCode would keep those of the message before. */
export function message(turn: Turn, desk: Desk, text: string, files: Desk["files"] = []): object {
  const model = modelOf(desk.model);
  return {
    agent: agentOf(turn),
    ...(model ? { model } : {}),
    ...(desk.effort === null ? {} : { variant: desk.effort }),
    parts: [
      { type: "text", text: [text, ...files.filter((file) => !isImage(file)).map(told)].join("\n\n") },
      ...files.filter(isImage).map(({ path, name, mime }) => ({
        type: "file",
        mime,
        filename: name,
        url: pathToFileURL(path).href,
      })),
    ],
  };
}

/** Other files OpenCode would hand to the model as they are, and few models take them. */
const isImage = ({ mime }: { mime: string }): boolean => /^image\/(?:png|jpe?g|gif|webp)$/.test(mime);
const told = ({ path, name }: { path: string; name: string }): string => `Attached file ${name}: ${path}`;

export interface Ending {
  words: Messages;
  /** The newest message of a person has been answered. */
  isAnswered: boolean;
}

const LAST = 40;

/** The end of the conversation as OpenCode keeps it; with what this turn said only. */
export async function ending(http: Http, id: string, since: ReadonlySet<string>): Promise<Ending> {
  const all = Messages.parse(await http.call("GET", `/session/${id}/message?limit=${LAST}`));
  const asked = all.findLast(({ info }) => info.role === "user")?.info.id;
  const ours = all.filter(({ info }) => info.role === "assistant" && since.has(info.parentID ?? ""));
  const isAnswered = all.some(({ info }) => info.role === "assistant" && info.parentID === asked);
  return { words: ours, isAnswered };
}
