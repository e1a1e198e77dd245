/** Tells `emulate` of every commit of a repository, under its true name, so that both sides speak of the same ones. */

type Git = (...args: string[]) => Promise<string>;
type Api = (method: string, path: string, body?: unknown) => Promise<{ status: number; data: unknown }>;

export function createMirror(git: Git, api: Api): () => Promise<void> {
  const known = new Set<string>();
  const post = async (path: string, body: unknown, sha: string): Promise<void> => {
    const { status, data } = await api("POST", path, body);
    const made = (data as { sha?: string } | null)?.sha;
    if (made !== sha) throw new Error(`${path} made ${made} (${status}) of ${sha}`);
    known.add(sha);
  };

  async function tree(sha: string): Promise<void> {
    if (known.has(sha)) return;
    const lines = (await git("ls-tree", sha)).split("\n").filter((line) => line !== "");
    const entries = lines.map((line) => {
      const [meta = "", path = ""] = line.split("\t");
      const [mode = "", type = "", id = ""] = meta.split(" ");
      return { mode, type, path, sha: id };
    });
    for (const one of entries) await (one.type === "tree" ? tree(one.sha) : blob(one.sha));
    await post("/git/trees", { tree: entries }, sha);
  }

  async function blob(sha: string): Promise<void> {
    if (known.has(sha)) return;
    // `git` trims: a last line break is put back by asking for the size.
    const [text, size] = await Promise.all([git("cat-file", "blob", sha), git("cat-file", "-s", sha)]);
    const content = text.padEnd(Number(size) - Buffer.byteLength(text) + text.length, "\n");
    await post("/git/blobs", { content, encoding: "utf-8" }, sha);
  }

  async function commit(sha: string): Promise<void> {
    if (known.has(sha)) return;
    const [head = "", ...words] = (await git("cat-file", "commit", sha)).split("\n\n");
    const line = (name: string) =>
      head.split("\n").flatMap((one) => (one.startsWith(`${name} `) ? [one.slice(name.length + 1)] : []));
    const [treeSha = ""] = line("tree");
    for (const parent of line("parent")) await commit(parent);
    await tree(treeSha);
    const person = (name: string) => {
      const [, who, email, at] = /^(.*) <(.*)> (\d+) /.exec(line(name)[0] ?? "") ?? [];
      return { name: who, email, date: new Date(Number(at) * 1000).toISOString().replace(".000", "") };
    };
    const message = `${words.join("\n\n")}\n`;
    await post(
      "/git/commits",
      { message, tree: treeSha, parents: line("parent"), author: person("author"), committer: person("committer") },
      sha,
    );
  }

  return async () => {
    const refs = (await git("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")).split("\n");
    for (const [sha = "", ref = ""] of refs.map((one) => one.split(" "))) {
      if (ref === "") continue;
      await commit(sha);
      const { status } = await api("PATCH", `/git/${ref}`, { sha, force: true });
      if (status >= 400) await api("POST", "/git/refs", { ref, sha });
    }
  };
}
