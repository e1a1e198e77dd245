import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Writable } from "node:stream";

export interface Leash {
  /** Makes sure that the leash runs; call it before a process is started. */
  start(): void;
  hold(group: number): void;
  release(group: number): void;
}

/**
 * One shell beside oca that is told of every process group and holds a pipe from oca. The pipe closes when oca ends, in
 * whatever way, and then the shell ends the groups that are left, and those that their processes have made for their own children, as OpenCode does for each
 * command (found in /proc, where there is one): SIGTERM, 2 s later SIGKILL. POSIX sh: runs in dash, bash and busybox.
 */
export function createLeash(): Leash {
  const held = new Set<number>();
  let shell: ChildProcessByStdio<Writable, null, null> | null = null;
  const start = (): void => {
    if (shell) return;
    const started = spawn("/bin/sh", ["-c", SCRIPT, "oca-leash"], {
      detached: true,
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    const lost = (): void => {
      if (shell === started) shell = null;
    };
    // Somebody ended the shell: the next start makes another one, which is told of everything again.
    started.on("error", lost).on("exit", lost).stdin.on("error", lost);
    started.unref();
    if (started.stdin instanceof Socket) started.stdin.unref();
    shell = started;
    for (const group of held) tell("hold", group);
  };
  const tell = (word: "hold" | "free", group: number): void => void shell?.stdin.write(`${word} ${group}\n`);
  return {
    start,
    hold: (group) => {
      held.add(group);
      tell("hold", group);
    },
    release: (group) => {
      held.delete(group);
      tell("free", group);
    },
  };
}

const SCRIPT = `
trap '' HUP INT TERM
held=' '
while read -r word group; do
  case $word in
    hold) held="$held$group " ;;
    free) held="\${held%% $group *} \${held#* $group }" ;;
  esac
done
[ "$held" = ' ' ] && exit
known=' '
grew=1
while [ "$grew" ]; do
  grew=
  for stat in /proc/[0-9]*/stat; do
    read -r line < "$stat" || continue
    pid=\${line%% *}
    set -- \${line##*) }
    case $known in *" $pid "*) continue ;; esac
    case $held$known in *" $3 "*|*" $2 "*) ;; *) continue ;; esac
    known="$known$pid "
    grew=1
    case $held in *" $3 "*) ;; *) held="$held$3 " ;; esac
  done
done
for group in $held; do kill -TERM "-$group"; done
sleep 2
for group in $held; do kill -KILL "-$group"; done
`;
