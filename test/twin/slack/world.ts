import type { Json } from "./json.ts";
import type { Tier } from "./limits.ts";
import type { Acked, Delivery } from "./link/link.ts";
import type { Manifest } from "./manifest.ts";
import type { Reply } from "./response.ts";
import type { Post, Stored, Workspace } from "./workspace.ts";

/** Everything that a method of the Web API can touch. */
export interface World {
  workspace: Workspace;
  manifest: Manifest;
  /** Block types that this workspace does not know. */
  readonly lacks: ReadonlySet<string>;
  /** Whether the workspace has agent sessions. */
  readonly hasAgents: boolean;
  /** What single persons were shown in channels; nobody else sees it. */
  whispers: Whisper[];
  views: Map<string, View>;
  triggers: Map<string, Trigger>;
  /** Status of agent sessions, by `channel:thread`. */
  statuses: Map<string, { status: string; title: string }[]>;
  /** Files on their way up, by id. */
  uploads: Map<string, Stored & { length: number }>;
  url(): string;
  now(): number;
  /** Addresses on which the app may answer, by their last part. */
  replies: Map<string, Reply>;
  /** Tells the app of an event, if it subscribed to it and may know. */
  emit(subscription: string, event: Json): Promise<Told>;
  /** Tells the app what a person did with a button, a dialog or a command. */
  deliver(delivery: Delivery): Promise<Told>;
}

/** What became of a delivery; null when there was nobody to tell. */
export interface Told {
  delivery: Delivery | null;
  acked: Acked;
}

export interface Whisper extends Post {
  to: string;
}

/** A dialog or a Home as one person sees it. */
export interface View {
  id: string;
  user: string;
  type: "modal" | "home";
  hash: string;
  /** The dialog below it. */
  below: string | null;
  /** As the app gave it. */
  given: Json;
}

/** What lets the app open a dialog: once, and for three seconds. */
export interface Trigger {
  user: string;
  at: number;
  isUsed: boolean;
  /** The dialog that the click came from. */
  view: string | null;
}

export interface Method {
  /** Scope that the bot token needs; null: none. */
  scope: string | null | ((args: Json, world: World) => string);
  tier: Tier;
  run(args: Json, world: World): Json | Promise<Json>;
}
export type Methods = Readonly<Record<string, Method>>;
