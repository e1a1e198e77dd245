import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { attachments } from "./attachments.ts";
import type { Config } from "./config.ts";
import type { Turn } from "./core/parts.ts";
import type { Desk } from "./core/ports/agent.ts";
import type { Chat } from "./core/ports/chat.ts";
import type { Git } from "./core/ports/git.ts";
import type { Spawn } from "./core/ports/spawn.ts";
import { isOwn, type Session } from "./core/session.ts";
import { placeOf } from "./engine/work.ts";
import { createBubblewrap } from "./sandbox/bubblewrap.ts";

/** What a turn of an agent is given, but for its memory and its end. */
export type Place = Omit<Desk, "memory" | "signal">;

export interface WorkplaceDeps {
  config: Config;
  spawn: Spawn;
  git: Git;
  chats: ReadonlyMap<string, Chat>;
  /** Bubblewrap works on this machine. */
  walls: boolean;
  log: Logger;
}

/** Prepares what an agent works with: its own home, a TMPDIR of the session, files of the chat, and walls for a plan turn. */
export function createWorkplace({
  config,
  spawn,
  git,
  chats,
  walls,
  log,
}: WorkplaceDeps): (s: Session, turn: Turn) => Promise<Place> {
  return async (s, turn) => {
    const place = placeOf(s);
    const cwd = git.path(place);
    const home = join(config.data, "homes", turn.agent);
    const tmp = join(config.data, "tmp", s.id);
    await mkdir(home, { recursive: true, mode: 0o700 });
    await mkdir(tmp, { recursive: true, mode: 0o700 });
    const contained = walls && turn.kind === "plan";
    const commands = [...(config.repos[place.workspace.repo]?.commands ?? []), ...approvedCommands(s)];
    const settings = config.agents[turn.agent];
    const allow = settings?.allow ?? [];
    return {
      cwd,
      home,
      tmp,
      contained,
      spawn: contained ? createBubblewrap(spawn, { show: [cwd], writable: [home, tmp], hidden: [config.data] }) : spawn,
      hidden: [config.data, "/proc"],
      model: s.model ?? settings?.model ?? null,
      effort: s.effort ?? settings?.effort ?? null,
      trust: s.policy.trust,
      allow,
      mcp: config.mcp.filter(({ name }) => turn.kind === "write" || allow.includes(`mcp:${name}`)),
      // In the user's own checkout no git command runs unasked, whoever approved the plan that names it.
      commands: isOwn(s) ? commands.filter((command) => !/\bgit\b/.test(command)) : commands,
      files: await attachments(turn.files, {
        from: (name) => chats.get(name ?? s.threads[0]?.chat ?? ""),
        folder: join(tmp, "files"),
        transcribe: config.transcribe,
        ...{ spawn, env: config.env, log },
      }),
      env: config.agentEnv(turn.agent),
    };
  };
}

/** What the approved plan names is allowed without further questions. */
function approvedCommands({ plans, warrant }: Session): string[] {
  const plan = plans.at(-1);
  return plan && warrant?.digest === plan.digest ? plan.commands : [];
}
