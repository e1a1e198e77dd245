import { z } from "zod";
import { type Json, Obj, objs, refuse, str } from "../json.ts";
import { checkBlocks, isTooLong, messagesOf, type Problem } from "../kit/check.ts";
import type { World } from "../world.ts";

/** What a message says: checked as Slack checks it. */
export interface Body {
  text: string;
  blocks: Json[];
  metadata: Json | null;
}

const TEXT = 40_000;
const METADATA_BYTES = 16_384;
const Metadata = z.strictObject({ event_type: z.string().min(1).max(255), event_payload: Obj });

/** `most`: characters of the text. */
export function bodyOf(args: Json, world: World, most = TEXT): Body | { refusal: Json } {
  const text = str(args["text"]);
  const blocks = args["blocks"] ?? [];
  if (text.length > most) return { refusal: refuse("msg_too_long") };
  const wrong = checkBlocks(blocks, "message", world.lacks);
  if (wrong.length > 0) return { refusal: refuseBlocks(wrong) };
  if (isTooLong(objs(blocks))) return { refusal: refuse("msg_blocks_too_long") };
  if (text === "" && objs(blocks).length === 0) return { refusal: refuse("no_text") };
  const metadata = args["metadata"] === undefined ? null : Metadata.safeParse(args["metadata"]);
  if (metadata && !metadata.success) return { refusal: refuse("invalid_metadata_format") };
  if (JSON.stringify(metadata?.data ?? {}).length > METADATA_BYTES) return { refusal: refuse("metadata_too_large") };
  return { text, blocks: withIds(objs(blocks), world), metadata: metadata?.data ?? null };
}

export const refuseBlocks = (wrong: Problem[]): Json =>
  refuse("invalid_blocks", { errors: messagesOf(wrong), response_metadata: { messages: messagesOf(wrong) } });

/** Slack names the blocks and elements that have no name of their own. */
export const withIds = (blocks: Json[], { workspace }: World): Json[] =>
  blocks.map((block) => {
    const named = { block_id: workspace.id("k"), ...block };
    if (!Array.isArray(block["elements"]) || block["type"] !== "actions") return named;
    return { ...named, elements: objs(block["elements"]).map((it) => ({ action_id: workspace.id("a"), ...it })) };
  });
