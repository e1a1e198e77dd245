import { blob, call } from "./api.js";
import { counts, download, pathOf } from "./card.js";
import { el, icon } from "./dom.js";
import { top } from "./talk.js";
import { t } from "./words.js";

const SPLIT = "oca-split";
/** More are closed at first: they are drawn when somebody opens them. */
const OPEN_FILES = 20;

/** All changes of a session, file by file. */
export async function openDiff(pane, { session, back }) {
  const split = matchMedia("(min-width: 1000px)").matches && localStorage.getItem(SPLIT) === "yes";
  const path = `/diff/${encodeURIComponent(session)}`;
  const diff = await call(`${path}${split ? "?split=1" : ""}`);
  const save = async () => download(await blob(`${path}/text`), `${session}.diff`);
  const turn = () => {
    localStorage.setItem(SPLIT, split ? "no" : "yes");
    void openDiff(pane, { session, back });
  };
  const sections = diff.files.map((file, n) => section(file, n < OPEN_FILES));
  const sum = (key) => diff.files.reduce((all, file) => all + file[key], 0);
  pane.replaceChildren(
    top(
      el("h1", { tabindex: "-1", class: "work" }, diff.title),
      back,
      el("button", { type: "button", class: "wide", "aria-pressed": String(split), onclick: turn }, t("sideBySide")),
      el(
        "button",
        { type: "button", "aria-label": t("downloadDiff"), onclick: save },
        icon("download"),
        el("span", { class: "wide" }, t("downloadDiff")),
      ),
    ),
    el(
      "div",
      { class: "scrolls diff" },
      el("p", { class: "sum" }, t("files", { count: diff.files.length }), " ", counts(sum("added"), sum("removed"))),
      diff.cut && el("p", { class: "line warn" }, t("diffCut")),
      diff.files.length === 0
        ? el("p", { class: "muted" }, t("diffEmpty"))
        : el(
            "ul",
            { class: "index" },
            diff.files.map((file, n) => indexLine(file, sections[n])),
          ),
      sections,
    ),
  );
}

function indexLine(file, target) {
  const show = () => {
    target.open = true;
    target.scrollIntoView({ block: "start" });
    target.querySelector("summary").focus({ preventScroll: true });
  };
  return el(
    "li",
    null,
    el(
      "button",
      { type: "button", class: "quiet", onclick: show },
      pathOf(file.path),
      el("span", { class: "counts" }, counts(file.added, file.removed)),
    ),
  );
}

function section(file, open) {
  const body = el("div", { class: "file-body" });
  const grow = () => {
    if (!details.open || body.childNodes.length > 0) return;
    if (file.html === null)
      body.append(el("p", { class: "muted" }, t(file.added + file.removed > 0 ? "fileTooLong" : "fileNoText")));
    // diff2html's own HTML, made and escaped by the server; the page's policy runs no inline script in any case.
    else body.innerHTML = file.html;
  };
  const details = el(
    "details",
    { class: "file-diff", open, ontoggle: grow },
    el(
      "summary",
      null,
      pathOf(file.path),
      file.state !== "changed" && el("span", { class: "tag" }, t(`file_${file.state}`)),
      el("span", { class: "counts" }, counts(file.added, file.removed)),
    ),
    body,
  );
  grow();
  return details;
}
