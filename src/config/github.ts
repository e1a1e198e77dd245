import type { Settings, Variables } from "./schema.ts";

/** `url` null: only github.com. `token` null: the user's own `gh` is asked. */
export interface GitHubSettings {
  url: string | null;
  token: string | null;
}

/** A token stands in the environment, by the name that the file gives or by its usual one. */
export function github(
  { url, token: name }: Settings["github"],
  { set, all, file }: { set: Variables; all: Readonly<Record<string, string | undefined>>; file: string },
): GitHubSettings & { problems: string[] } {
  const token = (name === undefined ? set.GITHUB_TOKEN : all[name]) || null;
  const unset = name !== undefined && token === null;
  return {
    url: url?.replace(/\/+$/, "").toLowerCase() ?? null,
    token,
    problems: unset
      ? [`${file}: github.token names ${name}, which is not set: set it in the environment or in .env`]
      : [],
  };
}
