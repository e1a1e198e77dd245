import { html, parse } from "diff2html";
import { ColorSchemeType, type DiffFile } from "diff2html/lib/types.js";

/** More is not drawn, only counted: a phone cannot show it, and the whole diff can be downloaded. */
const DRAWN_LINES = 5_000;
const DRAWN_CHARS = 1_000_000;
const PARSED_CHARS = 8_000_000;

interface ShownFile {
  path: string;
  added: number;
  removed: number;
  state: "added" | "deleted" | "renamed" | "changed";
  /** diff2html's own, escaped; null when it is too long or has no text. */
  html: string | null;
}

export interface ShownDiff {
  files: ShownFile[];
  /** Not everything was looked at: the counts are of the part before. */
  cut: boolean;
}

export function drawDiff(text: string, split: boolean): ShownDiff {
  const left = { lines: DRAWN_LINES, chars: DRAWN_CHARS };
  const cut = text.length > PARSED_CHARS;
  const files = parse(cut ? text.slice(0, text.lastIndexOf("\ndiff --git ", PARSED_CHARS)) : text);
  return { files: files.map((file) => draw(file, split, left)), cut };
}

function draw(file: DiffFile, split: boolean, left: { lines: number; chars: number }): ShownFile {
  const lines = file.blocks.reduce((sum, block) => sum + block.lines.length, 0);
  const chars = file.blocks.reduce((sum, { lines }) => lines.reduce((sum, line) => sum + line.content.length, sum), 0);
  const fits = lines > 0 && lines <= left.lines && chars <= left.chars;
  if (fits) {
    left.lines -= lines;
    left.chars -= chars;
  }
  return {
    path: file.isDeleted ? file.oldName : file.isRename ? `${file.oldName} → ${file.newName}` : file.newName,
    added: file.addedLines,
    removed: file.deletedLines,
    state: stateOf(file),
    html: fits ? write(file, split) : null,
  };
}

const write = (file: DiffFile, split: boolean): string =>
  html([file], {
    outputFormat: split ? "side-by-side" : "line-by-line",
    drawFileList: false,
    matching: "lines",
    colorScheme: ColorSchemeType.AUTO,
  });

function stateOf(file: DiffFile): ShownFile["state"] {
  if (file.isNew) return "added";
  if (file.isDeleted) return "deleted";
  return file.isRename ? "renamed" : "changed";
}
