/** oca as a library: start a bot in your own process, and read its sessions. */
export { type Config, ConfigError, loadConfig } from "./config.ts";
export type { Event, Refusal } from "./core/event.ts";
export type { Phase } from "./core/phase.ts";
export type { Agent, Run } from "./core/ports/agent.ts";
export type { Chat } from "./core/ports/chat.ts";
export type { Git } from "./core/ports/git.ts";
export type { Spawn } from "./core/ports/spawn.ts";
export type { Store } from "./core/ports/store.ts";
export type { Session } from "./core/session.ts";
export type { View } from "./core/view.ts";
export { createLog } from "./log.ts";
export { createOca, type Oca, type Parts } from "./main.ts";
