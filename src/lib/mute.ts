/**
 * What a shell of a plan turn is started with, inside the walls that bubblewrap has put around its agent: the agent must reach
 * its model, its shell reaches no network, and of the agent's own folder it changes nothing.
 */
export const mute = (home: string): string[] => [
  ...["bwrap", "--dev-bind", "/", "/", "--ro-bind", home, home],
  ...["--unshare-net", "--die-with-parent", "--"],
];

/** A word of a command line, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
