import { type Logger, LogLevel } from "@slack/bolt";

export interface SlackLog {
  info(what: object, message: string): void;
  warn(what: object, message: string): void;
}

/** Slack's libraries say a lot; what needs somebody's attention goes to the log. */
export function quiet(log: SlackLog): Logger {
  const say = (...words: unknown[]): void => log.warn({ slack: words.map(String).join(" ").slice(0, 500) }, "slack");
  const nothing = (): void => {};
  return {
    debug: nothing,
    info: nothing,
    warn: say,
    error: say,
    setLevel: nothing,
    getLevel: () => LogLevel.WARN,
    setName: nothing,
  };
}
