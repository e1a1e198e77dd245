import type { Acts, createActs, Done, Seen, SeenView } from "./acts.ts";
import { errorsOf, fill, stateOf, type Values } from "./form.ts";
import { type Json, objs, str } from "./json.ts";
import { type Control, controls, escaped } from "./look.ts";
import { addView, refusedView, setView, stackOf } from "./methods/views.ts";
import { actionOf, closed, commanded, pressedIn, pressedOn, shortcut, submitted } from "./payload.ts";
import { put } from "./response.ts";
import { typed } from "./words.ts";
import type { Member } from "./workspace.ts";
import type { View, World } from "./world.ts";

/** Which button: by its words, or by what it carries. */
export type Which = string | ((element: Json) => boolean);

/** What became of a form: gone, still there with these errors (by label), or replaced by another. */
export type Sent =
  | { is: "closed" }
  | { is: "errors"; errors: Record<string, string> }
  | { is: "shown" }
  | { is: "failed" };

/** Somebody in the workspace, who does what people do. */
export interface Person extends Acts {
  /** Presses a button of a message or a view as it was seen, which may have changed since. `confirm`: what is pressed in the dialog that asks again. */
  clicks(on: Seen | SeenView, which: Which, confirm?: "yes" | "no"): Promise<Done>;
  /** Chooses in a menu or ticks boxes, by the words on them. */
  picks(on: Seen | SeenView, label: string, options: string | readonly string[]): Promise<Done>;
  /** Fills in the uppermost dialog and sends it. */
  submits(values: Values): Promise<Sent>;
  /** Closes the uppermost dialog. */
  closes(): Promise<Done>;
  /** `line` is what is typed, `/oca status`. */
  slash(line: string, channel: string): Promise<Done>;
  shortcut(on: Seen, name: string): Promise<Done>;
}

export function createPerson(world: World, me: Member, acts: ReturnType<typeof createActs>): Person {
  const { done } = acts;
  const liveView = (id: string): View => {
    const view = world.views.get(id);
    if (!view) throw new Error("the dialog is closed");
    return view;
  };
  const act = async (on: Seen | SeenView, control: Control, state: Json): Promise<Done> => {
    if (!world.manifest.isInteractive) throw new Error("interactivity is not switched on in the manifest");
    const action = actionOf(control, state, world.workspace.stamp());
    if ("ts" in on) {
      const whispered = world.whispers.find((it) => it.ts === on.ts);
      const payload = pressedOn(world, me, whispered ?? on, whispered !== undefined, action);
      return done([world.deliver({ kind: "interactive", payload })]);
    }
    const view = liveView(on.id);
    const values = fill(objs(view.given["blocks"]), {}, false);
    return done([world.deliver({ kind: "interactive", payload: pressedIn(world, me, view, values, action) })]);
  };
  const top = (): View => {
    const is = acts.dialog();
    if (!is) throw new Error(`${me.realName} has no dialog open`);
    return liveView(is.id);
  };

  return {
    ...acts,
    clicks: (on, which, confirm = "yes") => {
      const all = controls(on.blocks).filter(({ element }) => element["type"] === "button");
      const control = all.find(({ label, element }) => (typeof which === "string" ? label === which : which(element)));
      if (!control)
        throw new Error(`there is no such button; there are ${all.map(({ label }) => `"${label}"`).join(", ")}`);
      if (confirm === "no" && !control.element["confirm"]) throw new Error(`"${control.label}" does not ask again`);
      return confirm === "no" ? Promise.resolve({ ts: "", acked: true }) : act(on, control, {});
    },
    picks: (on, label, options) => {
      const control = controls(on.blocks).find((it) => it.label === label && it.element["type"] !== "button");
      if (!control) throw new Error(`there is nothing to choose at "${label}"`);
      return act(on, control, stateOf(control, options));
    },
    submits: async (values) => {
      const view = top();
      if (!view.given["submit"]) throw new Error("the dialog has nothing to send");
      const blocks = objs(view.given["blocks"]);
      const payload = submitted(world, me, view, fill(blocks, values, true));
      const { acked, answer = {} } = await done([world.deliver({ kind: "interactive", payload })]);
      return acked ? answered(world, view, answer) : { is: "failed" };
    },
    closes: async () => {
      const view = top();
      const gone = view.given["clear_on_close"] === true ? stackOf(world, view) : [view];
      for (const it of gone) world.views.delete(it.id);
      const told = gone
        .filter((it) => it.given["notify_on_close"] === true)
        .map((it) => world.deliver({ kind: "interactive", payload: closed(world, me, it, gone.length > 1) }));
      return done(told);
    },
    slash: async (line, name) => {
      const channel = acts.place(name);
      const [command = "", ...rest] = line.split(" ");
      const known = world.manifest.commands.get(command);
      if (!known) throw new Error(`${command} is not a valid command`);
      const text = known.escapes ? typed(world.workspace, rest.join(" ")).text : escaped(rest.join(" "));
      const payload = commanded(world, me, channel.id, { command, text });
      const result = await done([world.deliver({ kind: "slash_commands", payload })]);
      const at = { channel: channel.id, to: me.id, on: null, thread: null, at: world.now(), uses: 0 };
      const refusal = result.answer && Object.keys(result.answer).length > 0 ? put(result.answer, at, world) : null;
      if (refusal) throw new Error(`Slack refused the answer to ${line}: ${JSON.stringify(refusal)}`);
      return result;
    },
    shortcut: (on, name) => {
      const callback = world.manifest.shortcuts.get(name);
      if (callback === undefined) throw new Error(`there is no shortcut "${name}"`);
      return done([world.deliver({ kind: "interactive", payload: shortcut(world, me, on, callback) })]);
    },
  };
}

/** What the app's answer to a form makes of the dialog. */
function answered(world: World, view: View, answer: Json): Sent {
  const given = answer["view"];
  switch (answer["response_action"]) {
    case "errors":
      return { is: "errors", errors: errorsOf(objs(view.given["blocks"]), answer["errors"]) };
    case "clear":
      for (const it of stackOf(world, view)) world.views.delete(it.id);
      return { is: "closed" };
    case "update":
    case "push": {
      const refusal = refusedView(given, world, "modal");
      if (refusal) throw new Error(`Slack refused the dialog: ${JSON.stringify(refusal)}`);
      const body = objs([given])[0] ?? {};
      if (answer["response_action"] === "update") setView(world, view, body);
      else addView(world, { user: view.user, given: body, below: view.id });
      return { is: "shown" };
    }
    case undefined:
      world.views.delete(view.id);
      return { is: "closed" };
    default:
      throw new Error(`Slack knows no response_action ${str(answer["response_action"])}`);
  }
}
