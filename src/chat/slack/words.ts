import type { File } from "../../core/parts.ts";
import { isExternal } from "./file.ts";
import { type Names, readText } from "./text.ts";
import type { WireFile, Words } from "./wire.ts";

/** What lies elsewhere is not fetched: it stays a link among the words. */
export function textOf({ text, files }: Words, who: Names): string {
  const links = (files ?? []).flatMap((file) =>
    file && isExternal(file) ? [`${nameOf(file)}: ${file.url_private ?? file.permalink ?? ""}`] : [],
  );
  return [readText(text ?? "", who), ...links].filter((part) => part !== "").join("\n");
}

/** What Slack itself keeps of a message's files. */
export const filesOf = ({ files }: Words): File[] =>
  (files ?? []).flatMap((file) => {
    if (!file || isExternal(file)) return [];
    const mime = file.mimetype || "application/octet-stream";
    return [{ id: file.id, name: nameOf(file), mime, bytes: file.size ?? 0 }];
  });

const nameOf = ({ name, title, id }: WireFile): string => name || title || id;
