import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from "pino";
import { redact } from "./lib/redact.ts";

export type { Logger };

/** Structured lines on standard error (or `stream`), without secrets: the finished line is cleaned, errors included. */
export function createLog({ level, stream }: { level: string; stream?: DestinationStream }): Logger {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, hooks: { streamWrite: redact } },
    stream ?? destination(2),
  );
}
