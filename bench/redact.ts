import { redact } from "../src/lib/redact.ts";

const line = `${JSON.stringify({ level: 30, time: 1, session: "abcdefghij", work: 17, msg: "npm test: 1,204 passed, 3 skipped in 42 s" })}\n`;
const texts = {
  "log line": line,
  "1 MB of log": line.repeat(Math.ceil(1e6 / line.length)),
  "1 MB of one letter": "a".repeat(1e6),
  "1 MB of quotes and backslashes": '\\"'.repeat(5e5),
  "1 MB of name starts": "token".repeat(2e5),
  "1 MB of open URLs": "https://a".repeat(1.1e5),
  "1 MB of digits": "1234567:".repeat(1.25e5),
};
const rows = Object.entries(texts).map(([name, text]) => ({
  name,
  copyMs: time(() => [...text].length > 0),
  redactMs: time(() => redact(text)),
}));
console.table(rows);

/** The median of five runs, in milliseconds; `copyMs`, a walk over the letters, is the baseline. */
function time(job: () => unknown): number {
  const runs = Array.from({ length: 5 }, () => {
    const since = performance.now();
    job();
    return performance.now() - since;
  });
  return Number((runs.sort((a, b) => a - b)[2] ?? 0).toFixed(3));
}
