import { el } from "./dom.js";
import { t } from "./words.js";

/** Asks before something that matters; resolves with what was chosen. Esc is no. */
export function confirm({ text, yes, no }, danger) {
  const ok = el("button", { class: danger ? "danger" : "primary", value: "yes" }, yes);
  return show(el("form", { method: "dialog" }, el("p", { class: "ask" }, text), actions(no, ok)), () => true, false);
}

/** Something to fill in. Resolves with the words (ticked lines quoted above them), or null. */
export function fill({ title, ticks, label, submit, required }) {
  const boxes = ticks.map((line) => el("input", { type: "checkbox", value: line }));
  const box = el("textarea", { id: "fill", rows: "4", maxlength: "100000" });
  const ok = el("button", { class: "primary", value: "yes" }, submit);
  const text = () => {
    const quoted = boxes.filter((it) => it.checked).map((it) => it.value.replace(/^/gm, "> "));
    return [quoted.join("\n"), box.value.trim()].filter((part) => part !== "").join("\n\n");
  };
  const check = () => {
    ok.disabled = required && text() === "";
  };
  check();
  const form = el(
    "form",
    { method: "dialog", oninput: check },
    el("h2", null, title),
    ticks.length > 0 &&
      el(
        "ul",
        { class: "ticks" },
        ticks.map((line, n) => el("li", null, el("label", null, boxes[n], el("span", null, line)))),
      ),
    el("label", { for: "fill" }, label),
    box,
    actions(t("cancel"), ok),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !ok.disabled) ok.click();
  });
  return show(form, text, null);
}

function actions(no, ok) {
  const close = (event) => event.target.closest("dialog").close("no");
  return el("div", { class: "actions" }, el("button", { type: "button", onclick: close }, no), ok);
}

function show(form, result, none) {
  const dialog = el("dialog", null, form);
  document.body.append(dialog);
  const { promise, resolve } = Promise.withResolvers();
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes" ? result() : none);
  });
  dialog.showModal();
  (form.querySelector("textarea") ?? form.querySelector("button[value=yes]")).focus();
  return promise;
}
