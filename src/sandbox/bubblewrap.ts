import type { Order, Spawn } from "../core/ports/spawn.ts";
import { mute } from "../lib/mute.ts";

/** What stays writable and what cannot even be seen. All paths are absolute. */
export interface Walls {
  /** Read-only, and visible even below something hidden. */
  show: readonly string[];
  writable: readonly string[];
  hidden: readonly string[];
}

/**
 * Starts processes that see the machine read-only: a shell may run there without changing anything. The network is
 * shared: an agent must reach its model.
 */
export function createBubblewrap(spawn: Spawn, { show, writable, hidden }: Walls): Spawn {
  const walls = [
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...hidden.flatMap((path) => ["--tmpfs", path]),
    ...show.flatMap((path) => ["--ro-bind", path, path]),
    ...writable.flatMap((path) => ["--bind", path, path]),
    ...["--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session"],
  ];
  return (order) =>
    spawn({ ...order, command: "bwrap", args: [...walls, "--chdir", order.cwd, "--", order.command, ...order.args] });
}

/** Whether bubblewrap is there and may do its work on this machine, also within itself. */
export async function hasBubblewrap(spawn: Spawn, env: Order["env"]): Promise<boolean> {
  const walls = createBubblewrap(spawn, { show: [], writable: [], hidden: [] });
  const [command = "", ...args] = [...mute("/"), "true"];
  const child = walls({ command, args, cwd: "/", env, signal: AbortSignal.timeout(10_000) });
  const { code } = await child.done.catch(() => ({ code: null })); // not installed
  return code === 0;
}
