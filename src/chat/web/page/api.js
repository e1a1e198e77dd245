const TOKEN = "oca-token";
const AS = "oca-as";
const SILENCE_MS = 45_000;

/** Why something was refused; `code` names the words for it. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Exchanges the one-time code of the link. It was in the fragment, which browsers send nowhere. */
export async function enter(code) {
  const { token } = await call("/enter", { method: "POST", json: { code } });
  sessionStorage.setItem(TOKEN, token);
}

/** In a demo: who speaks from now on; null is the person of the link. */
export function speakAs(user) {
  if (user === null) sessionStorage.removeItem(AS);
  else sessionStorage.setItem(AS, user);
}
export const speaker = () => sessionStorage.getItem(AS);

export async function call(path, { method = "GET", json, body, headers } = {}) {
  const response = await ask(path, {
    method,
    body: json === undefined ? body : JSON.stringify(json),
    headers: json === undefined ? headers : { "content-type": "application/json" },
  });
  return response.json();
}

/** The bytes of a file, for a picture or a download. */
export const blob = async (path) => (await ask(path, {})).blob();

async function ask(path, { headers, ...options }) {
  const response = await fetch(`/api${path}`, { ...options, headers: { ...identity(), ...headers } }).catch((error) => {
    throw error.name === "AbortError" ? error : new Refused("offline");
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: "failed" }));
  throw new Refused(error);
}

function identity() {
  const token = sessionStorage.getItem(TOKEN);
  const as = speaker();
  return { ...(token && { authorization: `Bearer ${token}` }), ...(as && { "x-oca-as": as }) };
}

/** Reads the server's news until `signal` ends it; calls `tell` for each and comes back by itself when cut off. */
export async function listen(tell, status, signal) {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
    try {
      await readNews((news) => {
        wait = 500;
        tell(news);
      }, signal);
    } catch (error) {
      if (error.code === "enter") return status("enter");
    }
    if (signal.aborted) return;
    status("offline");
    await rest(wait);
  }
}

/** Waits, but no longer than until the tab is looked at or the machine is back on its network. */
function rest(ms) {
  const { promise, resolve } = Promise.withResolvers();
  const timer = setTimeout(resolve, ms);
  addEventListener("online", resolve, { once: true });
  document.addEventListener("visibilitychange", resolve, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    removeEventListener("online", resolve);
    document.removeEventListener("visibilitychange", resolve);
  });
}

async function readNews(tell, signal) {
  const quiet = new AbortController();
  let timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  const response = await ask("/events", { signal: AbortSignal.any([signal, quiet.signal]) });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), SILENCE_MS);
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) if (block.startsWith("data: ")) tell(JSON.parse(block.slice("data: ".length)));
  }
}
