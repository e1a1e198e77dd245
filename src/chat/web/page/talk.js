import { composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { createPosts } from "./posts.js";
import { t } from "./words.js";

const NEAR_PX = 120;

/** One thread: its posts, and where to write the next. */
export function openTalk(pane, { talk, posts, me, back, go }) {
  const { channel, thread } = talk;
  const heading = el("h1", { tabindex: "-1" }, talk.title);
  const log = createPosts({ thread, me, go });
  const scroll = el("div", { class: "scrolls" }, log.node);
  const put = (post) => {
    const low = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_PX;
    log.put(post);
    if (low) scroll.scrollTop = scroll.scrollHeight;
  };
  const write = composer({ label: t("reply"), at: { channel, thread }, sent: put });
  pane.replaceChildren(top(heading, back), scroll, write.form);

  for (const post of posts) log.put(post);
  scroll.scrollTop = scroll.scrollHeight;
  const asks = posts.findLast((post) => post.card?.buttons.length > 0);
  if (asks) log.find(asks.id).scrollIntoView({ block: "nearest" });
  heading.focus();
  return {
    thread,
    put: (post, { title }) => {
      heading.textContent = title;
      put(post);
    },
    tell: log.tell,
  };
}

/** Where a new thread starts; also what somebody sees who has never been here. */
export function openNew(pane, { channel, back, sent }) {
  const write = composer({ label: t("request"), at: { channel, thread: null }, sent });
  const example = (text) => {
    const take = () => {
      write.write(text);
      write.focus();
    };
    return el("button", { type: "button", onclick: take }, text);
  };
  pane.replaceChildren(
    top(el("h1", null, t("newRequest")), back),
    el(
      "div",
      { class: "start" },
      el("img", { src: "/icon.svg", alt: "" }),
      el("h2", null, t("startTitle")),
      el("p", null, t("startText")),
      write.form,
      el("div", { class: "examples" }, el("span", { class: "muted" }, t("examples")), examples().map(example)),
    ),
  );
  return { focus: write.focus };
}

const examples = () => ["example1", "example2", "example3"].map((key) => t(key));

/** The head of a pane, with the way back that a phone needs. */
export const top = (heading, back, ...more) =>
  el(
    "header",
    { class: "bar-top" },
    el("a", { class: "quiet round back", href: back, "aria-label": t("back") }, icon("back")),
    heading,
    more,
  );
