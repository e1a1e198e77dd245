import { LogLevel } from "@slack/web-api";

const nothing = (): void => undefined;

/** For clients in tests that are refused on purpose. */
export const QUIET = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
