import { mood } from "./card.js";
import { avatar, el, icon } from "./dom.js";
import { nameClass, top } from "./talk.js";
import { t, when } from "./words.js";

/** The way to everything: what waits for somebody, the channels, and who one is. */
export function drawSide(pane, { me, people, channels, board, at, choose }) {
  const here = (href) => (href === at ? "page" : null);
  const link = (channel) => {
    const href = `#/c/${encodeURIComponent(channel)}`;
    return el(
      "li",
      null,
      el(
        "a",
        { class: "go", href, "aria-current": at.startsWith(href) ? "page" : null },
        el("span", { class: "hash" }, "#"),
        channel,
      ),
    );
  };
  const line = (row) => {
    const content = [
      mood(row.mood),
      el("span", { class: "two" }, el("b", { class: "work" }, row.title), el("small", null, row.text)),
    ];
    const href = `#/t/${row.thread.thread}`;
    return el(
      "li",
      null,
      row.thread.chat === "web" && row.thread.thread
        ? el("a", { class: "go", href, "aria-current": here(href) }, content)
        : el("span", { class: "go" }, content),
    );
  };
  const section = ({ title, rows }) =>
    el(
      "section",
      null,
      el("h2", null, title, rows.length > 0 && el("span", { class: "count" }, String(rows.length))),
      el("ul", null, rows.map(line)),
    );
  const rows = board.sections.flatMap((section) => section.rows);
  const scrolled = pane.querySelector(".scrolls")?.scrollTop ?? 0;
  pane.replaceChildren(
    el("header", { class: "brand" }, el("img", { src: "/icon.svg", alt: "" }), el("b", null, "oca")),
    el(
      "div",
      { class: "scrolls" },
      el(
        "a",
        { class: "button primary begin", href: `#/c/${encodeURIComponent(channels[0] ?? "")}/new` },
        icon("plus"),
        t("newRequest"),
      ),
      rows.length === 0 && el("p", { class: "hint muted" }, `${t("startText")} ${t("examples")}: “${t("example1")}”`),
      board.sections.filter(({ rows }) => rows.length > 0).map(section),
      el("section", null, el("h2", null, t("channels")), el("ul", null, channels.map(link))),
    ),
    el(
      "footer",
      null,
      avatar(me.name),
      people.length > 0 ? switcher(me, people, choose) : el("b", null, me.name),
      people.length > 0 && el("small", null, t("whoAmIHint")),
    ),
  );
  pane.querySelector(".scrolls").scrollTop = scrolled;
}

const switcher = (me, people, choose) =>
  el(
    "label",
    null,
    el("span", { class: "muted" }, t("whoAmI")),
    el(
      "select",
      { onchange: (event) => choose(event.target.value) },
      people.map((person) => el("option", { value: person.user, selected: person.user === me.user }, person.name)),
    ),
  );

/** The threads of a channel, newest words first. */
export function drawList(pane, { channel, talks, more, older, at }) {
  const line = (talk) => {
    const href = `#/t/${talk.thread}`;
    return el(
      "li",
      null,
      el(
        "a",
        { class: "go", href, "aria-current": href === at ? "page" : null },
        talk.mood ? mood(talk.mood) : el("span", { class: "mood" }),
        el(
          "span",
          { class: "two" },
          el("b", { class: nameClass(talk.mood) }, talk.title),
          el(
            "small",
            null,
            [talk.by, talk.replies > 0 && t("replies", { count: talk.replies })].filter(Boolean).join(" · "),
          ),
        ),
        when(talk.at),
      ),
    );
  };
  const scrolled = pane.querySelector(".scrolls")?.scrollTop ?? 0;
  const begin = `#/c/${encodeURIComponent(channel)}/new`;
  pane.replaceChildren(
    top(
      el("h1", { tabindex: "-1" }, `# ${channel}`),
      "#/",
      el("a", { class: "quiet round", href: begin, "aria-label": t("newRequest") }, icon("plus")),
    ),
    el(
      "div",
      { class: "scrolls" },
      talks.length === 0
        ? el(
            "div",
            { class: "empty" },
            el("p", null, t("emptyChannel")),
            el("p", { class: "muted" }, t("startText")),
            el("a", { class: "button primary", href: begin }, icon("plus"), t("newRequest")),
          )
        : el("ul", { class: "talks" }, talks.map(line)),
      more && el("button", { type: "button", class: "older", onclick: older }, t("older")),
    ),
  );
  pane.querySelector(".scrolls").scrollTop = scrolled;
}
