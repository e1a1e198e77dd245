import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Access, Guest } from "./access.ts";

/** What every handler behind the guard knows. */
export interface Known {
  Variables: { guest: Guest };
}

/** Why a request was turned away; the page has words for each. */
type Why = "address" | "enter" | "gone" | "notSaved" | "tooLong" | "tooBig" | "wrong";

/** Ends a request; the body says why. */
export const refuse = (status: ContentfulStatusCode, why: Why): HTTPException =>
  new HTTPException(status, { res: Response.json({ error: why }, { status }) });

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Only this machine's own addresses, and only pages of this origin: a page of another site cannot drive oca. */
export const ownOrigin =
  (port: () => number): MiddlewareHandler =>
  async (c, next) => {
    const host = c.req.header("host") ?? "";
    const origin = c.req.header("origin");
    if (!["127.0.0.1", "localhost", "[::1]"].some((name) => host === `${name}:${port()}`)) throw refuse(403, "address");
    if (origin !== undefined && origin !== `http://${host}`) throw refuse(403, "address");
    await next();
  };

/** Is put on every answer, refusals too. */
export const headers: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
};

/** The token's own person; in a demo the person that the page says, if it is one of the demo's. */
export const signedIn =
  (access: Access, people: readonly Guest[]): MiddlewareHandler<Known> =>
  async (c, next) => {
    const [, token = ""] = /^Bearer ([\w-]{20,100})$/.exec(c.req.header("authorization") ?? "") ?? [];
    const own = access.guest(token);
    if (!own) throw refuse(401, "enter");
    const as = people.length > 0 ? c.req.header("x-oca-as") : undefined;
    const guest = as === undefined ? own : people.find((person) => person.user === as);
    if (!guest) throw refuse(403, "enter");
    c.set("guest", guest);
    await next();
  };
