import { answerReply } from "./response.ts";
import type { Request, Response } from "./server.ts";
import type { World } from "./world.ts";

interface Order {
  world: World;
  api: (method: string, request: Request) => Promise<Response>;
  /** The token with which files may be read. */
  reader: () => string;
}

/** What is where on Slack's hosts. */
export function createRoutes({ world, api, reader }: Order): (request: Request) => Promise<Response> {
  return async (request) => {
    const [, top = "", ...rest] = request.path.split("/");
    const last = rest.at(-1) ?? "";
    if (top === "api" && request.method === "POST") return api(last, request);
    if (top === "actions") return answerReply(world.replies.get(last), JSON.parse(request.body.toString()), world);
    if (top === "upload") return takeUpload(last, request, world);
    if (top === "files") return giveFile(rest, request, world, reader());
    return { status: 404, body: "not found" };
  };
}

async function takeUpload(id: string, { body, headers }: Request, { uploads }: World): Promise<Response> {
  const file = uploads.get(id);
  if (!file) return { status: 404, body: "file_not_found" };
  const type = headers["content-type"] ?? "";
  if (!type.includes("multipart")) file.bytes = new Uint8Array(body);
  else {
    const form = await new globalThis.Response(body, { headers: { "content-type": type } }).formData();
    const [part] = [...form.values()];
    file.bytes = new Uint8Array(part instanceof Blob ? await part.arrayBuffer() : Buffer.from(part ?? ""));
  }
  return { status: 200, headers: { "content-type": "text/plain" }, body: `OK - ${file.bytes.length}` };
}

/** `files-pri/T-F/name`: who may not read it is sent to the sign-in page, as a browser would be. */
function giveFile(path: string[], { headers }: Request, { workspace, manifest }: World, token: string): Response {
  const may = headers.authorization === `Bearer ${token}` && manifest.scopes.has("files:read");
  if (!may)
    return { status: 302, headers: { location: `https://${workspace.team.domain}.slack.com/?redir=files` }, body: "" };
  const file = workspace.files.get(path[1]?.split("-").at(-1) ?? "");
  if (!file || file.external !== null) return { status: 404, headers: { "content-type": "text/html" }, body: "<html>" };
  return { status: 200, headers: { "content-type": file.mime }, body: file.bytes };
}
