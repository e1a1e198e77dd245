import { composer } from "./composer.js";
import { el, icon } from "./dom.js";
import { createFollower } from "./follow.js";
import { createPosts } from "./posts.js";
import { t } from "./words.js";

/** One thread: its posts, and where to write the next. */
export function openTalk(pane, { talk, posts, me, back, go }) {
  const { channel, thread } = talk;
  const heading = el("h1", { tabindex: "-1" });
  const name = ({ title, mood }) => {
    heading.textContent = title;
    heading.className = nameClass(mood);
  };
  const log = createPosts({ thread, me, go, acted: () => follow(true) });
  const scroll = el("div", { class: "scrolls" }, log.node);
  const { follow, again } = createFollower(scroll, () => log.showNewest(scroll));
  const sent = (post) => {
    log.put(post);
    follow(true);
  };
  const write = composer({ label: t("reply"), at: { channel, thread }, sent });
  pane.replaceChildren(top(heading, back), scroll, write.form);

  name(talk);
  for (const post of posts) log.put(post);
  follow(true);
  heading.focus({ preventScroll: true });
  return {
    thread,
    put: (post, talk) => {
      name(talk);
      log.put(post);
      again();
    },
    tell: (news) => {
      follow(false);
      log.tell(news);
    },
  };
}

/** The title of work is what follows "Let oca": it begins small. Other threads are named by their first words. */
export const nameClass = (mood) => (mood === null ? "" : "work");

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
