import { json } from "./api.ts";
import { type Json, obj, refuse, str } from "./json.ts";
import { bodyOf } from "./methods/body.ts";
import { isTrue } from "./methods/channels.ts";
import { edit, erase, tell, whisper } from "./methods/chat.ts";
import type { Response } from "./server.ts";
import { messageOf } from "./wire.ts";
import { addPost, channelOf, type Post } from "./workspace.ts";
import type { World } from "./world.ts";

/** An address on which the app may answer what a person did: five times in half an hour. */
export interface Reply {
  channel: string;
  to: string;
  /** What was clicked, if it was a message. */
  on: Post | null;
  thread: string | null;
  at: number;
  uses: number;
}

const USES = 5;
const OPEN_MS = 30 * 60_000;

export function answerReply(reply: Reply | undefined, body: unknown, world: World): Response {
  if (!reply) return { ...json(refuse("invalid_url")), status: 404 };
  if (world.now() - reply.at > OPEN_MS) return { ...json(refuse("expired_url")), status: 404 };
  if (++reply.uses > USES) return { ...json(refuse("used_url")), status: 404 };
  const refusal = put(obj(body), reply, world);
  return refusal ? { ...json(refusal), status: 400 } : { status: 200, body: "ok" };
}

/** What an app answers: ephemeral unless it says otherwise. Null when it was done. */
export function put(args: Json, reply: Reply, world: World): Json | null {
  const whispered = world.whispers.findIndex(({ ts }) => ts === reply.on?.ts);
  if (isTrue(args["delete_original"])) return remove(reply, whispered, world);
  const body = bodyOf(args, world);
  if ("refusal" in body) return body.refusal;
  const channel = channelOf(world.workspace, reply.channel);
  if (isTrue(args["replace_original"]) && reply.on) {
    if (whispered >= 0) Object.assign(reply.on, body);
    else void edit(world, channel, reply.on, body);
    return null;
  }
  const thread = str(args["thread_ts"]) || reply.thread;
  if (args["response_type"] !== "in_channel") {
    whisper(world, { ...body, channel: reply.channel, to: reply.to, thread });
    return null;
  }
  const post = addPost(world.workspace, channel, { ...body, user: world.workspace.bot.user, thread });
  void tell(world, channel, messageOf(world.workspace, post));
  return null;
}

function remove({ on, channel }: Reply, whispered: number, world: World): null {
  if (!on) return null;
  if (whispered >= 0) world.whispers.splice(whispered, 1);
  else void erase(world, channelOf(world.workspace, channel), on);
  return null;
}
