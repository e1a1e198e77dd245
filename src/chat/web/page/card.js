import { blob, call } from "./api.js";
import { confirm, fill } from "./dialog.js";
import { el, icon, words } from "./dom.js";
import { phrase, t } from "./words.js";

/** Draws what oca shows. `press(button, text)` is called when somebody has decided; `pending` is the action under way. */
export function drawCard(card, { path, press, pending, me }) {
  const busy = pending !== undefined;
  return el(
    "article",
    { class: `card ${card.mood}${card.buttons.length > 0 ? " asks" : ""}`, tabindex: "-1" },
    el("header", null, mood(card.mood), el("h2", null, card.head)),
    card.mentions.length > 0 && el("p", { class: "mentions" }, mentions(card, me)),
    card.parts.map(part),
    card.documents.map((document, n) => drawDocument(document, `${path}/documents/${n}`)),
    card.buttons.length > 0 &&
      el(
        "footer",
        null,
        card.buttons.map((button) => drawButton(button, { press, busy, now: pending === keyOf(button) })),
      ),
  );
}

export function mood(name) {
  return el(
    "span",
    { class: `mood ${name}`, title: t(`mood_${name}`) },
    icon(name),
    el("span", { class: "unseen" }, t(`mood_${name}`)),
  );
}

/** What tells one button of a card from another. */
export const keyOf = (button) => button.does.action ?? button.does.page;

const mentions = (card, me) =>
  card.mentioned.includes(me.user) ? t("forYou") : t("forPeople", { names: phrase(card.mentions) });

function part(part) {
  switch (part.kind) {
    case "line":
      return el("p", { class: `line ${part.tone}` }, part.text);
    case "words":
      return part.fold
        ? el("details", { class: "fold" }, el("summary", null, t("details")), words(part.tree))
        : words(part.tree);
    case "steps":
      return el("ol", { class: "steps" }, part.steps.map(step));
    case "files":
      return files(part);
    case "code":
      return el("pre", { class: "code", tabindex: "0" }, part.text);
    default:
      return null;
  }
}

const step = ({ title, state }) =>
  el(
    "li",
    { class: state },
    el("span", { class: "dot" }, state === "done" && icon("done")),
    el("span", null, title),
    el("span", { class: "unseen" }, t(`step_${state}`)),
  );

function files({ files, more }) {
  const row = ({ path, added, removed }) =>
    el(
      "tr",
      null,
      el("td", null, pathOf(path)),
      el("td", { class: "counts" }, counts(added, removed)),
      el("td", null, bar(added, removed)),
    );
  return el(
    "table",
    { class: "files" },
    el("tbody", null, files.map(row), more && el("tr", null, el("td", { colspan: "3", class: "muted" }, more))),
  );
}

/** The name is what people look for: the folders before it step back. */
export function pathOf(path) {
  const cut = path.lastIndexOf("/") + 1;
  return el("span", { class: "path" }, el("span", { class: "muted" }, path.slice(0, cut)), path.slice(cut));
}

export const counts = (added, removed) => [
  el("span", { class: "added" }, `+${added}`),
  el("span", { class: "removed" }, `−${removed}`),
];

const BLOCKS = 5;

function bar(added, removed) {
  const all = added + removed;
  const filled = Math.min(all, BLOCKS);
  const green = all === 0 ? 0 : Math.min(filled, Math.max(added > 0 ? 1 : 0, Math.round((filled * added) / all)));
  const colour = (n) => (n < green ? "plus" : n < filled ? "minus" : "");
  return el(
    "span",
    { class: "bar", "aria-hidden": "true" },
    Array.from({ length: BLOCKS }, (_, n) => el("i", { class: colour(n) })),
  );
}

function drawButton(button, { press, busy, now }) {
  const { label, style, confirm: sure, form } = button;
  const go = async () => {
    if (button.does.page !== undefined) return press(button, null);
    if (sure && !(await confirm(sure, style === "danger"))) return;
    const text = form ? await fill(form) : null;
    if (!form || text !== null) press(button, text);
  };
  return el(
    "button",
    {
      type: "button",
      class: style,
      disabled: busy,
      "aria-busy": now && "true",
      "data-key": keyOf(button),
      onclick: go,
    },
    label,
  );
}

/** Of a post, a document is fetched when somebody wants it; of a note it came along. */
function drawDocument({ name, mime, text: own }, path) {
  const body = el("div", { class: "words" });
  const get = () => (own === undefined ? call(path) : { text: own, tree: [{ tag: "pre", children: [own] }] });
  const open = async (event) => {
    if (!event.target.open || body.childNodes.length > 0) return;
    const { tree } = await get();
    body.replaceChildren(...(tree ? words(tree).childNodes : [el("p", { class: "muted" }, t("tooLongToShow"))]));
  };
  const save = async () => {
    const { text } = await get();
    download(new Blob([text], { type: mime }), name);
  };
  return el(
    "div",
    { class: "document" },
    el("details", { ontoggle: open }, el("summary", null, icon("file"), name), body),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": t("downloadNamed", { name }), onclick: save },
      icon("download"),
    ),
  );
}

export function download(data, name) {
  const url = URL.createObjectURL(data);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const PICTURES = /^image\/(png|jpeg|gif|webp)$/;

/** What came with a message: pictures are shown, the rest can be downloaded. */
export function drawFile(file) {
  const save = async () => download(await blob(`/files/${file.id}`), file.name);
  if (!PICTURES.test(file.mime)) {
    return el("button", { type: "button", class: "file", onclick: save }, icon("file"), file.name);
  }
  const picture = el("img", { alt: file.name });
  void blob(`/files/${file.id}`).then((data) => {
    picture.src = URL.createObjectURL(data.slice(0, data.size, file.mime));
  });
  return el("button", { type: "button", class: "picture", title: file.name, onclick: save }, picture);
}
