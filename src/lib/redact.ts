/**
 * Text without the secrets that are known by their shape: tokens, keys, passwords in URLs, and the values of names such
 * as `password` or `API_TOKEN`. JSON stays JSON. What has no shape is not found: never log what you know to be secret.
 */
export const redact = (text: string): string =>
  SHAPES.reduce((clean, [shape, replacement]) => clean.replace(shape, replacement), text);

/** Whether the text holds a token or a key that is known by its shape alone. */
export const hasSecret = (text: string): boolean => TOKENS.some((shape) => text.search(shape) >= 0);

const GONE = "[redacted]";
/** Names end in one of these: `inputTokens` is a count, `access_token` is not. */
const NAME =
  "[\\w.-]{0,40}(?:pass(?:word|wd|phrase)|secret|token|authorization|cookie|credentials|(?:api|private|access|signing)[_-]?key)";

/** Nothing else looks like these. */
const TOKENS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g,
  /xox[a-z](?:\.xox[a-z])?-[\w-]{8,}/g,
  /xapp-[\w-]{8,}/g,
  // Telegram: also inside a URL, after "bot".
  /(?<![\d.])\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  /(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,})/g,
  /\bsk-[\w-]{16,}/g,
  /\bAIza[\w-]{30,}|\bAKIA[0-9A-Z]{16}\b/g,
  /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/g,
];

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^"]*?-----END [A-Z ]{0,30}PRIVATE KEY-----/g, GONE],
  // "password": "…" in JSON, also in JSON inside JSON: the quotes around name and value carry the same backslashes.
  [new RegExp(`((\\\\*")${NAME}\\2\\s{0,4}:\\s{0,4}\\2)(?:[^"\\\\]|(?!\\2)\\\\.)+(\\2)`, "gi"), `$1${GONE}$3`],
  // PASSWORD=… as in .env files and on command lines.
  [new RegExp(`\\b(${NAME}=)[^\\s"'\\\\&;]+`, "gi"), `$1${GONE}`],
  [/\b((?:Bearer|Basic)\s{1,4})(?=[^\s"'\\]*[\d=])[\w.~+/=-]{8,}/gi, `$1${GONE}`],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'@\\:]{0,200}:[^\s/?#"'@\\]{1,400}@/gi, `$1${GONE}@`],
  [/\b(https?:\/\/)[^\s/?#"'@\\:]{8,400}@/gi, `$1${GONE}@`],
  [/\b(hooks\.slack\.com\/services\/)[\w/]{10,}/g, `$1${GONE}`],
  ...TOKENS.map((shape) => [shape, GONE] as const),
];
