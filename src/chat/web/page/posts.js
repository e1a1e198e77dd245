import { call } from "./api.js";
import { drawCard, drawFile, keyOf } from "./card.js";
import { avatar, el, goose, icon, words } from "./dom.js";
import { t, when } from "./words.js";

const ANSWER_MS = 4_000;

/** The posts of a thread, in order; each is drawn anew where it stands. */
export function createPosts({ thread, me, go, acted }) {
  const known = new Map();
  const pending = new Map();
  const node = el("div", { class: "posts" });
  const find = (id) => node.querySelector(`[data-post="${CSS.escape(id)}"]`);

  const draw = (post) => {
    const old = find(post.id);
    if (old) return renew(old.querySelector(".body"), body(post));
    const later = [...node.children].find((it) => Number(it.dataset.n) > post.n);
    node.insertBefore(frame(post, body(post)), later ?? null);
  };
  const body = (post) => el("div", { class: "body" }, post.card ? shown(post) : said(post));
  const shown = ({ id, card }) =>
    drawCard(card, {
      me,
      path: `/threads/${thread}/${id}`,
      pending: pending.get(id),
      press: (button, text) => press(id, button, text),
    });
  const put = (post) => {
    known.set(post.id, post);
    pending.delete(post.id);
    draw(post);
  };
  /** Lets the buttons of a post be pressed again. */
  const free = (id) => pending.has(id) && put(known.get(id));

  const press = async (id, button, text) => {
    const { page } = button.does;
    if (page?.startsWith("/")) return go(`#${page}`);
    if (page !== undefined) return window.open(page, "_blank", "noopener,noreferrer");
    pending.set(id, keyOf(button));
    draw(known.get(id));
    acted();
    const { action } = button.does;
    try {
      await call("/clicks", {
        method: "POST",
        json: { once: crypto.randomUUID(), thread, message: id, action, text },
      });
      // Mostly the card is drawn anew, or a note comes, before this: a button that nobody answers is free again.
      setTimeout(() => pending.get(id) === action && free(id), ANSWER_MS);
    } catch (problem) {
      free(id);
      note(id, el("p", { class: "problem" }, t(`error_${problem.code ?? "failed"}`)));
    }
  };

  const note = (id, content) => {
    const place = (find(id) ?? node.lastElementChild)?.querySelector(".notes");
    const close = el("button", { type: "button", class: "quiet", "aria-label": t("dismiss") }, icon("cross"));
    const item = el("div", { class: "note" }, content, close);
    close.addEventListener("click", () => item.remove());
    place?.replaceChildren(item);
    item.scrollIntoView({ block: "nearest" });
  };
  const tell = ({ message, card }) => {
    free(message);
    note(message, drawCard(card, { me, path: "", press: (button, text) => press(message, button, text) }));
  };
  /** Brings the newest words, or the newest card that offers something, into sight. */
  const showNewest = (scroll) => {
    const posts = [...known.values()].sort((a, b) => a.n - b.n);
    const newest = posts.findLast((post) => post.by || post.card.buttons.length > 0);
    if (newest && newest !== posts.at(-1)) find(newest.id).scrollIntoView({ block: "nearest" });
    else scroll.scrollTop = scroll.scrollHeight;
  };
  return { node, put, tell, showNewest };
}

const frame = (post, body) =>
  el(
    "div",
    { class: post.by ? "post" : "post ours", "data-post": post.id, "data-n": post.n },
    post.by ? avatar(post.by.name) : goose(),
    el("div", { class: "who" }, el("b", null, post.by?.name ?? "oca"), when(post.at)),
    body,
    el("div", { class: "notes", "aria-live": "polite" }),
  );

/** Puts the new in the old one's place; what was unfolded stays so, and the keyboard stays where it was. */
function renew(old, body) {
  const open = [...old.querySelectorAll("details")].map((details) => details.open);
  const key = old.contains(document.activeElement) ? (document.activeElement.dataset.key ?? "") : null;
  old.replaceWith(body);
  for (const [n, details] of [...body.querySelectorAll("details")].entries()) details.open = open[n] ?? details.open;
  if (key === null) return;
  const same = body.querySelector(`[data-key="${CSS.escape(key)}"]:enabled`);
  (same ?? body.querySelector(".card"))?.focus({ preventScroll: true });
}

const said = ({ words: tree, files }) =>
  files.length === 0 ? words(tree) : [words(tree), el("div", { class: "attached" }, files.map(drawFile))];
