import { call } from "./api.js";
import { el, icon } from "./dom.js";
import { size, t } from "./words.js";

const FILE_BYTES = 20_000_000;

/**
 * Where words are written. They stay in the box, and survive a reload, until the bot has them; sent again they carry
 * the same name, so that nothing is said twice.
 */
export function composer({ label, at, sent }) {
  const draft = openDraft(`oca-draft ${at.thread ?? at.channel}`);
  const parts = drawComposer(label);
  const { form, box, send, chips, error, picker } = parts;

  const show = () => {
    const { text, files } = draft.get();
    if (box.value !== text) box.value = text;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    send.disabled = text.trim() === "" && files.length === 0;
    chips.replaceChildren(
      ...files.map((file) => drawChip(file, () => change({ files: files.filter((it) => it !== file) }))),
    );
  };
  const change = (next) => {
    draft.change(next);
    show();
  };
  const trying = async (job) => {
    error.textContent = "";
    form.setAttribute("aria-busy", "true");
    send.disabled = true;
    await job().catch((problem) => {
      error.textContent = t(`error_${problem.code ?? "failed"}`);
    });
    form.removeAttribute("aria-busy");
    show();
  };
  const take = (files) =>
    trying(async () => {
      for (const file of files) draft.change({ files: [...draft.get().files, await upload(file)] });
    });
  const submit = () =>
    trying(async () => {
      const post = await call("/messages", { method: "POST", json: { ...at, ...draft.get() } });
      draft.clear();
      sent(post);
    });

  box.addEventListener("input", () => change({ text: box.value }));
  picker.addEventListener("change", () => take([...picker.files]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  listen(parts, take);
  requestAnimationFrame(show);
  return { form, focus: () => box.focus(), write: (text) => change({ text }) };
}

function openDraft(key) {
  const fresh = () => ({ once: crypto.randomUUID(), text: "", files: [] });
  let draft = JSON.parse(sessionStorage.getItem(key) ?? "null") ?? fresh();
  return {
    get: () => draft,
    change: (next) => {
      // Other words are another message.
      draft = { ...draft, ...next, once: crypto.randomUUID() };
      sessionStorage.setItem(key, JSON.stringify(draft));
    },
    clear: () => {
      draft = fresh();
      sessionStorage.removeItem(key);
    },
  };
}

function drawComposer(label) {
  const box = el("textarea", { rows: "1", "aria-label": label, placeholder: label, enterkeyhint: "send" });
  const error = el("p", { class: "problem", role: "alert" });
  const chips = el("ul", { class: "chips" });
  const picker = el("input", { type: "file", multiple: true, hidden: true });
  const send = el("button", { class: "primary round", "aria-label": t("send"), disabled: true }, icon("send"));
  const pick = () => picker.click();
  const attach = el(
    "button",
    { type: "button", class: "quiet round", "aria-label": t("attach"), onclick: pick },
    icon("clip"),
  );
  const form = el(
    "form",
    { class: "composer" },
    chips,
    el("div", { class: "write" }, attach, box, send),
    error,
    picker,
  );
  return { form, box, send, chips, error, picker };
}

function drawChip(file, remove) {
  const label = t("removeNamed", { name: file.name });
  const cross = el("button", { type: "button", class: "quiet", "aria-label": label, onclick: remove }, icon("cross"));
  return el("li", null, icon("file"), `${file.name} `, el("small", null, size(file.bytes)), cross);
}

function listen({ form, box, send }, take) {
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!send.disabled) form.requestSubmit(send);
  });
  box.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) void take([...event.clipboardData.files]);
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    void take([...event.dataTransfer.files]);
  });
}

async function upload(file) {
  if (file.size > FILE_BYTES) throw Object.assign(new Error("too big"), { code: "tooBig" });
  const type = file.type || "application/octet-stream";
  const headers = { "x-file-name": encodeURIComponent(file.name), "content-type": type };
  return call("/files", { method: "POST", body: file, headers });
}
