import { call, enter, listen, speakAs, speaker } from "./api.js";
import { drawCard } from "./card.js";
import { openDiff } from "./diff.js";
import { el, icon } from "./dom.js";
import { drawList, drawSide } from "./side.js";
import { openNew, openTalk, top } from "./talk.js";
import { learn, t } from "./words.js";

const byId = (id) => document.getElementById(id);
const [app, door, side, list, pane, toasts, spoken] = ["app", "door", "side", "list", "talk", "toasts", "spoken"].map(
  byId,
);
const TALKS = 50;
const BOARD_MS = 60_000;

let known = { me: null, people: [], channels: [] };
let board = { sections: [] };
let channel = null;
let shown = { talks: [], more: false, limit: TALKS };
let open = null;
let came = 0;
let stream = new AbortController();
const notes = new Map();

const hash = () => location.hash || "#/";
const listHref = () => `#/c/${encodeURIComponent(channel)}`;
const redrawSide = () => drawSide(side, { ...known, board, at: place(), choose });
const redrawList = () => channel && drawList(list, { channel, ...shown, at: hash(), older });
/** The channel that is looked at, also while one of its threads is. */
const place = () => (hash() === "#/" || hash().startsWith("#/t/") ? hash() : listHref());

async function boot() {
  learn(await call("/words"));
  await useCode();
  addEventListener("hashchange", async () => ((await useCode()) ? begin() : route()));
  await begin();
  setInterval(() => document.visibilityState === "visible" && known.me && refreshBoard(), BOARD_MS);
}

/** The one-time code of a link: used at once and taken out of the address and the history. */
async function useCode() {
  const [, code] = /^#enter=([\w-]+)$/.exec(location.hash) ?? [];
  if (!code) return false;
  history.replaceState(null, "", "#/");
  await enter(code).catch(() => undefined); // used before: then an older token of this tab may still do
  return true;
}

async function begin() {
  stream.abort();
  stream = new AbortController();
  try {
    known = await call("/me");
  } catch (problem) {
    if (speaker() === null) return showDoor(problem.code);
    speakAs(null); // of another demo: this one does not know that person
    return begin();
  }
  door.hidden = true;
  app.hidden = false;
  channel = known.channels[0] ?? "";
  open = null;
  await route();
  void listen(hear, status, stream.signal);
}

function showDoor(code) {
  app.hidden = true;
  door.hidden = false;
  door.replaceChildren(
    el(
      "main",
      null,
      el("img", { src: "/icon.svg", alt: "" }),
      el("h1", null, "oca"),
      el("p", null, t(code === "enter" ? "door" : `error_${code}`)),
    ),
  );
}

function status(code) {
  document.body.classList.toggle("offline", code === "offline");
  if (code === "enter") showDoor(code);
}

function hear(news) {
  document.body.classList.remove("offline");
  if (news.type === "hello") void catchUp();
  if (news.type === "post") hearPost(news);
  if (news.type === "note") hearNote(news);
}

/** Asks for what was missed while nobody listened; what stands on the page stays where it is. */
async function catchUp() {
  void refreshBoard();
  const thread = open?.thread;
  const missed = thread ? await call(`/threads/${thread}`).catch(() => null) : null; // gone: then there is no news of it
  if (missed && open?.thread === thread) for (const post of missed.posts) open.put(post, missed.talk);
  await look(channel).catch(() => undefined); // the old list stands until the next news
}

function hearPost({ post, talk }) {
  if (open?.thread === talk.thread) open.put(post, talk);
  if (post.card?.buttons.length > 0) spoken.textContent = post.card.head;
  if (!known.channels.includes(talk.channel)) known.channels.push(talk.channel);
  if (talk.channel === channel) {
    const others = shown.talks.filter((it) => it.thread !== talk.thread);
    shown.talks = [...others, talk].sort((a, b) => b.at - a.at);
    redrawList();
  }
  soon();
}

/** A note of a thread that is not looked at waits in a corner; it moves into the thread when that is opened. */
function hearNote(news) {
  if (open?.thread === news.thread) return open.tell(news);
  const close = () => {
    notes.delete(news);
    toast.remove();
  };
  const toast = el(
    "div",
    { class: "toast" },
    drawCard({ ...news.card, buttons: [] }, { me: known.me, path: "" }),
    el("button", { type: "button", class: "quiet", "aria-label": t("dismiss"), onclick: close }, icon("cross")),
  );
  notes.set(news, close);
  toasts.append(toast);
}

let timer;
function soon() {
  clearTimeout(timer);
  timer = setTimeout(refreshBoard, 200);
}

async function refreshBoard() {
  board = await call("/home").catch(() => board); // the old one stands until the stream is back
  const rows = board.sections.flatMap((section) => section.rows);
  const waiting = new Set(rows.filter((row) => row.mood === "waiting").map((row) => row.session)).size;
  document.title = waiting > 0 ? `(${waiting}) oca` : "oca";
  redrawSide();
}

async function route() {
  const turn = ++came;
  const isOld = () => turn !== came;
  await goTo(hash().split("/").slice(1).map(decodeURIComponent), isOld).catch(
    (problem) => isOld() || showProblem(problem),
  );
  redrawSide();
}

function goTo([kind, name, rest], isOld) {
  if (kind === "diff") return showDiff(name, isOld);
  if (kind === "t") return showTalk(name, isOld);
  if (kind !== "c") return showChannel(channel, "side", isOld);
  return showChannel(name, rest === "new" ? "talk" : "list", isOld);
}

function showProblem({ code }) {
  if (code === "enter") return showDoor(code);
  open = null;
  show("talk");
  const text = el("p", { role: "alert" }, t(`error_${code ?? "failed"}`));
  pane.replaceChildren(top(el("h1", null, "oca"), listHref()), el("div", { class: "start" }, text));
}

const show = (name) => {
  document.body.dataset.pane = name;
};

async function showTalk(thread, isOld) {
  if (open?.thread === thread) return show("talk");
  const { talk, posts } = await call(`/threads/${thread}`);
  if (isOld()) return;
  await look(talk.channel);
  if (isOld()) return;
  show("talk");
  open = openTalk(pane, {
    talk,
    posts,
    me: known.me,
    back: listHref(),
    go: (to) => {
      location.hash = to;
    },
  });
  for (const [news, close] of notes) {
    if (news.thread !== thread) continue;
    close();
    open.tell(news);
  }
}

async function showChannel(name, where, isOld) {
  await look(name);
  if (isOld()) return;
  show(where);
  open = openNew(pane, {
    channel,
    back: listHref(),
    sent: (post) => {
      location.hash = `#/t/${post.thread}`;
    },
  });
  if (where === "talk" || matchMedia("(min-width: 1000px)").matches) open.focus();
}

async function showDiff(session, isOld) {
  const back = open?.thread ? `#/t/${open.thread}` : "#/";
  open = null;
  await openDiff(pane, { session, back });
  if (!isOld()) show("diff");
}

async function look(name) {
  const limit = name === channel ? shown.limit : TALKS;
  const { talks, more } = await call(`/channels/${encodeURIComponent(name)}?limit=${limit}`);
  channel = name;
  shown = { talks, more, limit };
  redrawList();
}

async function older() {
  shown.limit += TALKS;
  await look(channel);
}

async function choose(user) {
  speakAs(user);
  await begin();
}

await boot();
