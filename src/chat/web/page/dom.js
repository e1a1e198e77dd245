/** Makes an element. Text becomes text nodes: nothing that is said here can become markup. */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

const TAGS = new Set("p h3 h4 h5 h6 strong em del code pre blockquote ul ol li hr br a table tr th td span".split(" "));

/** Grows what the server made of Markdown; unknown elements become their text. */
export function grow(leaf) {
  if (typeof leaf === "string") return document.createTextNode(leaf);
  const node = document.createElement(TAGS.has(leaf.tag) ? leaf.tag : "span");
  if (leaf.tag === "a" && /^(https?:|mailto:)/.test(leaf.href)) {
    node.href = leaf.href;
    node.rel = "noopener noreferrer";
    node.target = "_blank";
  }
  if (leaf.start > 1) node.start = leaf.start;
  if (leaf.checked !== undefined) {
    node.className = "tick";
    node.append(el("input", { type: "checkbox", disabled: true, checked: leaf.checked }));
  }
  node.append(...leaf.children.map(grow));
  return leaf.tag === "table" ? el("div", { class: "scroll", tabindex: "0" }, node) : node;
}

export const words = (tree) => el("div", { class: "words" }, tree.map(grow));

const PATHS = {
  back: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  clip: "M20 11l-8.5 8.5a5 5 0 01-7-7L13 4a3.3 3.3 0 014.7 4.7L9.5 17a1.7 1.7 0 01-2.4-2.4L14.5 7",
  file: "M14 3H7a2 2 0 00-2 2v14a2 2 0 002 2h10a2 2 0 002-2V8zM14 3v5h5",
  cross: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  seen: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  working: "M12 3.5a8.5 8.5 0 108.5 8.5",
  waiting: "M6 16v-5a6 6 0 1112 0v5l1.5 2h-15zM10 20.5a2 2 0 004 0",
  done: "M5 12.5l4.5 4.5L19 7.5",
  failed: "M12 7v6M12 16.5v.5M12 3a9 9 0 100 18 9 9 0 000-18z",
  closed: "M4 8h16v11H4zM4 8l2-3.5h12L20 8M9.5 12h5",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.file);
  svg.append(path);
  return svg;
}

const HUES = 6;

/** A person's initial on a colour of the name's own. */
export function avatar(name) {
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;
  return el("span", { class: `avatar hue${hue}`, "aria-hidden": "true" }, [...name][0]?.toUpperCase() ?? "?");
}

export const goose = () => el("img", { class: "avatar", src: "/icon.svg", alt: "" });
