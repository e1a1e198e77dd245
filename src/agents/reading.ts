/** What each program would have to be told to do more than read; null: it cannot do more. */
const READERS: Readonly<Record<string, RegExp | null>> = {
  ...{ basename: null, cat: null, cd: null, cut: null, dirname: null, du: null, echo: null, grep: null, head: null },
  ...{ ls: null, nl: null, pwd: null, stat: null, tail: null, true: null, wc: null },
  find: /^-(?:exec|ok|delete|fprint|fls)/,
  rg: /^--(?:pre|hostname-bin|search-zip)|^-[a-zA-Z]*z/,
};
const GIT = ["status", "log", "show", "diff", "ls-files", "blame"];
/** --output, --ext-diff, --textconv; git takes the beginnings of options for the whole. */
const GIT_MORE = /^--(?:ou|ex|te)/;
const LINES = /^\d+(?:,(?:\d+|\$))?p$/;

/** A word stands alone: what is glued together from pieces is not looked into. */
const WORD = /(?:'([^']*)'|"([^"$`\\!]*)"|([\w./:=@%+,~^#-]+))(?=[ \t|&;]|$)/y;
const JOINT = /[ \t]*(?:\|\||&&|[|;])[ \t]*/y;
const SPACE = /[ \t]+/y;

/** The paths that a command line for bash reads, when reading is all that it can do; else null. */
export function pathsRead(line: string): string[] | null {
  const commands = split(line.trim());
  if (!commands?.every(isReader)) return null;
  return commands.flatMap(([, ...words]) => words.filter((word) => !word.startsWith("-")));
}

function isReader([program = "", first = "", ...rest]: readonly string[]): boolean {
  const isOption = (word: string): boolean => word.startsWith("-");
  if (program === "git") return GIT.includes(first) && !rest.some((word) => GIT_MORE.test(word));
  if (program === "sed") return first === "-n" && LINES.test(rest[0] ?? "") && !rest.slice(1).some(isOption);
  const more = Object.hasOwn(READERS, program) ? READERS[program] : undefined;
  return more !== undefined && (more === null || ![first, ...rest].some((word) => more.test(word)));
}

/** Simple commands as lists of words; null for whatever bash would expand, redirect or run besides. */
function split(line: string): string[][] | null {
  const commands: string[][] = [[]];
  let at = 0;
  const take = (shape: RegExp): RegExpExecArray | null => {
    shape.lastIndex = at;
    const found = shape.exec(line);
    if (found) at = shape.lastIndex;
    return found;
  };
  while (at < line.length) {
    if (take(JOINT)) commands.push([]);
    else if (!take(SPACE)) {
      const word = take(WORD);
      if (!word) return null;
      commands.at(-1)?.push(word[1] ?? word[2] ?? word[3] ?? "");
    }
  }
  return commands.some((words) => words.length === 0) ? null : commands;
}
