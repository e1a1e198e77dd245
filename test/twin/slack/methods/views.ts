import { type Json, obj, objs, refuse, str } from "../json.ts";
import { checkView, messagesOf } from "../kit/check.ts";
import type { Methods, View, World } from "../world.ts";
import { withIds } from "./body.ts";

const TRIGGER_MS = 3000;
const STACK = 3;

export const views: Methods = {
  "views.open": {
    scope: null,
    tier: 4,
    run: (args, world) => {
      const wrong = refusedView(args["view"], world, "modal");
      if (wrong) return wrong;
      const trigger = takeTrigger(str(args["trigger_id"]), world);
      if ("refusal" in trigger) return trigger.refusal;
      return shown(world, addView(world, { user: trigger.user, given: obj(args["view"]), below: null }));
    },
  },
  "views.push": {
    scope: null,
    tier: 4,
    run: (args, world) => {
      const wrong = refusedView(args["view"], world, "modal");
      if (wrong) return wrong;
      const trigger = takeTrigger(str(args["trigger_id"]), world);
      if ("refusal" in trigger) return trigger.refusal;
      const below = world.views.get(trigger.view ?? "");
      if (!below) return refuse("view_not_found");
      if (stackOf(world, below).length >= STACK) return refuse("push_limit_reached");
      return shown(world, addView(world, { user: trigger.user, given: obj(args["view"]), below: below.id }));
    },
  },
  "views.update": {
    scope: null,
    tier: 4,
    run: (args, world) => {
      const view =
        world.views.get(str(args["view_id"])) ??
        [...world.views.values()].find(
          (it) => args["external_id"] !== undefined && it.given["external_id"] === args["external_id"],
        );
      if (!view) return refuse("not_found");
      const wrong = refusedView(args["view"], world, view.type);
      if (wrong) return wrong;
      if (str(args["hash"]) !== "" && args["hash"] !== view.hash) return refuse("hash_conflict");
      return shown(world, setView(world, view, obj(args["view"])));
    },
  },
  "views.publish": {
    scope: null,
    tier: 4,
    run: (args, world) => {
      const user = str(args["user_id"]);
      if (!world.manifest.hasHome) return refuse("not_enabled");
      if (!world.workspace.members.has(user)) return refuse("user_not_found");
      const wrong = refusedView(args["view"], world, "home");
      if (wrong) return wrong;
      const is = [...world.views.values()].find((it) => it.type === "home" && it.user === user);
      if (is && str(args["hash"]) !== "" && args["hash"] !== is.hash) return refuse("hash_conflict");
      const given = obj(args["view"]);
      return shown(world, is ? setView(world, is, given) : addView(world, { user, given, below: null }));
    },
  },
};

export function refusedView(value: unknown, world: World, type: View["type"]): Json | null {
  const wrong = checkView(value, world.lacks);
  if (wrong.length > 0) return refuse("invalid_arguments", { response_metadata: { messages: messagesOf(wrong) } });
  return obj(value)["type"] === type ? null : refuse("invalid_arguments");
}

function takeTrigger(id: string, world: World): { user: string; view: string | null } | { refusal: Json } {
  const trigger = world.triggers.get(id);
  if (!trigger) return { refusal: refuse("invalid_trigger_id") };
  if (trigger.isUsed) return { refusal: refuse("exchanged_trigger_id") };
  if (world.now() - trigger.at > TRIGGER_MS) return { refusal: refuse("expired_trigger_id") };
  trigger.isUsed = true;
  return trigger;
}

export function addView(world: World, { user, given, below }: Pick<View, "user" | "given" | "below">): View {
  const id = world.workspace.id("V");
  const type = given["type"] === "home" ? "home" : "modal";
  const view = { id, user, type, hash: world.workspace.stamp(), below, given: named(given, world) } satisfies View;
  world.views.set(id, view);
  return view;
}

export function setView(world: World, view: View, given: Json): View {
  return Object.assign(view, { given: named(given, world), hash: world.workspace.stamp() });
}

const named = (given: Json, world: World): Json => ({ ...given, blocks: withIds(objs(given["blocks"]), world) });

/** A dialog and those below it, the uppermost first. */
export function stackOf(world: World, view: View): View[] {
  const below = world.views.get(view.below ?? "");
  return [view, ...(below ? stackOf(world, below) : [])];
}

/** As Slack hands a view back, and sends it along with what people do in it. */
export function viewOf(world: World, view: View, state: Json = {}): Json {
  const { workspace } = world;
  return {
    id: view.id,
    team_id: workspace.team.id,
    private_metadata: "",
    callback_id: "",
    title: null,
    submit: null,
    close: null,
    clear_on_close: false,
    notify_on_close: false,
    external_id: "",
    ...view.given,
    state: { values: state },
    hash: view.hash,
    previous_view_id: view.below,
    root_view_id: stackOf(world, view).at(-1)?.id,
    app_id: workspace.bot.appId,
    app_installed_team_id: workspace.team.id,
    bot_id: workspace.bot.botId,
  };
}

const shown = (world: World, view: View): Json => ({ ok: true, view: viewOf(world, view) });
