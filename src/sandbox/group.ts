import { readdir, readFile } from "node:fs/promises";

/** Sends a signal to every process of a group; a group that is gone already is fine. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Is there a process in the group that can still do something? Dead ones that nobody collected do not count. */
export async function groupLives(group: number): Promise<boolean> {
  try {
    process.kill(-group, 0);
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
  // Something answers. In a container without an init it may be a zombie for ever, and only /proc can tell.
  const names = await readdir("/proc").catch(() => null);
  if (names === null) return true;
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(read));
  return found.some((process) => process?.group === group && !/[ZX]/.test(process.state));
}

/** ESRCH: no such group. EPERM: macOS says so of a group of zombies; ours always run as this user. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");

/** `pid (any name) state parent group ...`; null for a process that ended meanwhile. */
async function read(pid: string): Promise<{ state: string; group: number } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  const [state = "", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, group: Number(group) };
}
