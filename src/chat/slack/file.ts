import type { WebClient } from "@slack/web-api";
import type { File } from "../../core/parts.ts";
import { WireFile } from "./wire.ts";

/** Slack's own host of files: nothing else is ever given the token. */
const HOST = "files.slack.com";

/** It lies somewhere else, whatever its address says. */
export const isExternal = ({ mode, is_external: external }: Pick<WireFile, "mode" | "is_external">): boolean =>
  mode === "external" || external === true;

export interface FileOrder {
  client: WebClient;
  token: string;
  fetch: typeof fetch;
}

/** A file that somebody attached. Throws for one that does not lie with Slack, and never follows a redirect. */
export async function fetchFile(file: File, { client, token, fetch }: FileOrder): Promise<AsyncIterable<Uint8Array>> {
  const info = await client.files.info({ file: file.id });
  const found = WireFile.safeParse(info.file);
  const url = found.success ? URL.parse(found.data.url_private ?? "") : null;
  if (!found.success || isExternal(found.data) || url?.protocol !== "https:" || url.host !== HOST)
    throw new Error(`${file.name} does not lie with Slack, so it is not fetched`);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` }, redirect: "error" }).catch(
    (error: unknown) => {
      throw new Error(`Slack does not hand out ${file.name}`, { cause: error });
    },
  );
  const type = answer.headers.get("content-type") ?? "";
  // Slack answers a token that may not read the file with its login page.
  const refused = type.startsWith("text/html") && !file.mime.startsWith("text/html");
  if (!answer.ok || !answer.body || refused)
    throw new Error(`Slack does not hand out ${file.name} (${answer.status}): the app needs the scope files:read`);
  return answer.body;
}
