import { describe, expect, test } from "vitest";
import { redact } from "../src/lib/redact.ts";
import { createLog } from "../src/log.ts";
import { fc } from "./property.ts";

function listen(level = "info") {
  const lines: string[] = [];
  const log = createLog({ level, stream: { write: (line) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") };
}

// Put together here, so that nobody's scanner takes this file for a leak.
const SECRETS = {
  "a Slack bot token": `xoxb-${"1".repeat(12)}-${"a".repeat(24)}`,
  "a Slack rotated token": `xoxe.xoxp-1-${"b".repeat(30)}`,
  "a Slack app token": `xapp-1-A0${"c".repeat(30)}`,
  "a Telegram token": `123456789:AA${"d".repeat(33)}`,
  "a GitHub token": `ghp_${"e".repeat(36)}`,
  "a fine-grained GitHub token": `github_pat_${"f".repeat(40)}`,
  "a model key": `sk-ant-api03-${"g".repeat(40)}`,
  "a JSON web token": `eyJ${"h".repeat(20)}.eyJ${"i".repeat(20)}.${"j".repeat(20)}`,
};

describe("a line of the log", () => {
  test("is one JSON object with level, time and words", () => {
    const { log, last } = listen();
    log.info({ session: "abc" }, "started");
    expect(last()).toMatchObject({ level: 30, session: "abc", msg: "started" });
    expect(Date.parse(last().time)).toBeGreaterThan(0);
  });

  test("below the level there is none", () => {
    const { log, lines } = listen("warn");
    log.info("quiet");
    expect(lines).toEqual([]);
  });

  test.each(Object.entries(SECRETS))("never has %s: in words, fields, children and errors", (_what, secret) => {
    const { log, lines, last } = listen();
    log.info(`got ${secret}, thanks`);
    log.info({ deep: [{ why: `because ${secret}` }] });
    log.child({ from: secret }).info("child");
    log.error(new Error(`refused ${secret}`, { cause: new Error(secret) }));
    log.error({ err: Object.assign(new Error("x"), { config: { url: `https://api.example/x?${secret}` } }) });
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).not.toContain(secret);
      expect(line).toContain("[redacted]");
    }
    expect(last().msg).toBe("x");
  });

  test.each(["password", "clientSecret", "bot_token", "Authorization", "cookie", "apiKey", "API_TOKEN"])(
    "never has the value of a field named %s",
    (name) => {
      const { log, last } = listen();
      log.info({ outer: { [name]: 'hunter2 "quoted" \\ end', safe: "yes" } });
      expect(last().outer).toEqual({ [name]: "[redacted]", safe: "yes" });
    },
  );
});

describe("redacting", () => {
  test.each([
    ["https://ana:hunter2@example.com/x.git", "https://[redacted]@example.com/x.git"],
    ["postgres://u:p%40ss@db/x", "postgres://[redacted]@db/x"],
    ["clone https://0123456789abcdef@example.com/x", "clone https://[redacted]@example.com/x"],
    ["curl -H 'Authorization: Bearer abc123def456'", "curl -H 'Authorization: Bearer [redacted]'"],
    [`https://api.example/bot${SECRETS["a Telegram token"]}/getMe`, "https://api.example/bot[redacted]/getMe"],
    ["DB_PASSWORD=hunter2 npm start", "DB_PASSWORD=[redacted] npm start"],
    ['{"body":"{\\"token\\":\\"abc\\"}"}', '{"body":"{\\"token\\":\\"[redacted]\\"}"}'],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "[redacted]"],
  ])("%s", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  test.each([
    "git@github.com:ana/shop.git",
    "ssh://git@github.com/ana/shop.git",
    '{"inputTokens":1200,"outputTokens":"many"}',
    "a bearer of news, basic authentication, task-force-and-so-on",
    "at 12:30:45 on 2026-11-21T09:00:00.000Z",
    "b9f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9",
    "const token = read();",
  ])("leaves %s alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  const secretly = fc.oneof(
    fc.string(),
    fc.constantFrom(
      ...Object.values(SECRETS),
      'password": "x',
      "Bearer a1b2c3d4e5",
      "https://a:b@c",
      "A_TOKEN=1",
      "\\",
    ),
  );
  const text = fc.array(secretly, { maxLength: 6 }).map((parts) => parts.join(""));
  const value = fc.dictionary(
    fc.oneof(fc.constantFrom("token", "password", "x"), text),
    fc.oneof(text, fc.jsonValue()),
  );

  test("JSON stays JSON, also as text inside JSON", () => {
    fc.assert(
      fc.property(value, (object) => {
        const line = JSON.stringify(object);
        expect(() => JSON.parse(redact(line))).not.toThrow();
        expect(() => JSON.parse(redact(JSON.stringify({ body: line })))).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  test("once is enough", () => {
    fc.assert(
      fc.property(text, (words) => {
        expect(redact(redact(words))).toBe(redact(words));
      }),
      { numRuns: 2000 },
    );
  });
});
