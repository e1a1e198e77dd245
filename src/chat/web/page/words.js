let table = {};

/** Takes the words of the reader's language. */
export function learn(words) {
  table = words;
  document.documentElement.lang = words.language ?? "en";
}

/** The word for `key`, with its placeholders filled in. `count` chooses the plural. */
export function t(key, values = {}) {
  const plural =
    "count" in values ? `${key}_${new Intl.PluralRules(table.language ?? "en").select(values.count)}` : key;
  const text = table[plural] ?? table[`${key}_other`] ?? table[key] ?? key;
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name) => String(values[name] ?? whole));
}

const format = (options) => new Intl.DateTimeFormat(navigator.language, options);
const clock = format({ hour: "2-digit", minute: "2-digit" });
const day = format({ day: "numeric", month: "short" });
const whole = format({ dateStyle: "full", timeStyle: "short" });

/** "14:02" today, "3 Mar" before. */
export function when(at) {
  const date = new Date(at);
  const node = document.createElement("time");
  node.dateTime = date.toISOString();
  node.title = whole.format(date);
  node.textContent = date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
  return node;
}

/** "Ana, Ben and Cleo" in the reader's language. */
export const phrase = (names) => new Intl.ListFormat(table.language ?? "en", { type: "conjunction" }).format(names);

const UNITS = ["byte", "kilobyte", "megabyte"];

export function size(bytes) {
  const n = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const style = { style: "unit", unit: UNITS[n], unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(navigator.language, style).format(bytes / 1000 ** n);
}
