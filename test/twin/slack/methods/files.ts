import { objs, refuse, str } from "../json.ts";
import { fileOf, messageOf } from "../wire.ts";
import { addPost, type Stored } from "../workspace.ts";
import type { Methods } from "../world.ts";
import { rootFor, writable } from "./access.ts";
import { tell } from "./chat.ts";

export const files: Methods = {
  "files.getUploadURLExternal": {
    scope: "files:write",
    tier: 4,
    run: ({ filename, length }, { workspace, uploads, url }) => {
      const size = Number(length);
      if (str(filename) === "" || !Number.isInteger(size) || size <= 0) return refuse("invalid_arguments");
      const id = workspace.id("F");
      const file = { id, name: str(filename), mime: "text/plain", user: workspace.bot.user, external: null };
      uploads.set(id, { ...file, bytes: new Uint8Array(), length: size });
      return { ok: true, upload_url: `${url()}/upload/v1/${id}`, file_id: id };
    },
  },
  "files.completeUploadExternal": {
    scope: "files:write",
    tier: 4,
    run: (args, world) => {
      const { workspace, uploads } = world;
      const wanted = objs(args["files"]).map((it) => uploads.get(str(it["id"])));
      const stored = wanted.flatMap((it) => (it && it.bytes.length === it.length ? withoutLength(it) : []));
      if (wanted.length === 0) return refuse("invalid_arguments");
      if (stored.length < wanted.length) return refuse("file_not_found");
      for (const file of stored) workspace.files.set(file.id, file);
      const done = { ok: true, files: stored.map((file) => fileOf(workspace, file)) };
      if (args["channel_id"] === undefined) return done;
      const channel = writable(args["channel_id"], world);
      if (!channel.ok) return channel.refusal;
      const root = rootFor(channel.it, args["thread_ts"]);
      if (!root.ok) return root.refusal;
      const text = str(args["initial_comment"]);
      const post = addPost(workspace, channel.it, { user: workspace.bot.user, text, thread: root.it, files: stored });
      void tell(world, channel.it, { ...messageOf(workspace, post), subtype: "file_share" });
      return done;
    },
  },
  "files.info": {
    scope: "files:read",
    tier: 4,
    run: ({ file }, { workspace }) => {
      const found = workspace.files.get(str(file));
      return found ? { ok: true, file: fileOf(workspace, found) } : refuse("file_not_found");
    },
  },
};

const withoutLength = ({ length, ...file }: Stored & { length: number }): Stored => file;
