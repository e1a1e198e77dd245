import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HOW, lines, ok, type World, world } from "../git/repo.ts";

/** A session with two commits of work. */
async function worked(w: World, workspace: Parameters<World["session"]>[0] = {}, push = false) {
  const s = w.session(workspace);
  ok(await s.prepare({ push }));
  await w.commit(s.path, { "a.txt": lines("a", { 3: "three" }) }, "one");
  await w.write(s.path, { "new.txt": "new\n" });
  await s.inspect();
  return s;
}

const away = (w: World) => w.git(w.root, "switch", "--quiet", "--create", "elsewhere");

test("rebase puts the commits on top of the moved base, with their authors", async () => {
  await using w = await world();
  await away(w);
  const s = await worked(w);
  await w.git(w.root, "switch", "--quiet", "main");
  await w.commit(w.root, { "b.txt": lines("b", { 5: "five" }) }, "theirs");
  await w.git(w.root, "switch", "--quiet", "elsewhere");
  const answer = ok(await s.land({ style: "rebase" }));
  expect(answer).toEqual({ ok: true, kept: "refs/oca/kept/k9q2m7ab3c/1", pushed: false });
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("Fix the redirect\none\ntheirs\nfirst");
  expect(await w.git(w.root, "log", "-1", "--format=%an%n%(trailers)", "main")).toBe(
    "Host\nRequested-by: Ada\nApproved-by: Bob\n",
  );
  expect(await w.git(w.root, "rev-parse", answer.kept)).toBe(await w.git(w.root, "rev-parse", "main"));
  expect(await w.git(w.root, "show", "main:a.txt")).toContain("three");
  expect(await w.git(w.root, "show", "main:b.txt")).toContain("five");
});

/** A git that does not know how to merge many at once, as 2.38. */
async function older(w: World): Promise<Record<string, string>> {
  const { PATH = "" } = process.env;
  const bin = join(w.home, "bin");
  const script = `#!/bin/sh\ncase "$*" in *merge-tree*--stdin*) touch "$HOME/refused"; exit 129 ;; esac\nPATH='${PATH}' exec git "$@"\n`;
  await mkdir(bin);
  await writeFile(join(bin, "git"), script, { mode: 0o755 });
  return { PATH: `${bin}:${PATH}` };
}

test.each(["many at once", "one at a time"])(
  "a rebase that merges %s keeps authors, dates, whole messages and empty commits, and leaves out what the base has",
  async (how) => {
    await using w = await world();
    const s = w.session({}, { git: w.oca({ env: how === "one at a time" ? await older(w) : {} }) });
    ok(await s.prepare());
    const commit = async (message: string, ...args: string[]) => {
      await w.git(s.path, "add", "--all");
      await w.git(s.path, "commit", "--quiet", "--allow-empty", "--message", message, ...args);
    };
    await w.write(s.path, { "a.txt": lines("a", { 3: "three" }) });
    await commit(
      "one\n\nWhy: because ü.\n\nSigned-off-by: Zoë",
      "--author=Zoë <zoe@example.com>",
      "--date=1600000000 +0530",
    );
    await commit("empty on purpose");
    await w.write(s.path, { "c.txt": "both\n" });
    await commit("theirs as well");
    await w.write(s.path, { "a.txt": lines("a", { 3: "three", 9: "nine" }) });
    await commit("two");
    const wanted = "%an <%ae> %ad%n%B";
    const before = await w.git(s.path, "log", `--format=${wanted}`, "--date=raw", "HEAD~2", "^main");
    await w.commit(w.root, { "c.txt": "both\n", "b.txt": lines("b", { 5: "five" }) }, "theirs");
    await w.git(w.root, "config", "commit.gpgSign", "true");
    await w.git(w.root, "config", "gpg.program", "false");
    ok(await s.land({ style: "rebase" }));
    expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("two\nempty on purpose\none\ntheirs\nfirst");
    expect(await w.git(w.root, "log", `--format=${wanted}`, "--date=raw", "main~1", "^main~3")).toBe(before);
    expect(existsSync(join(w.home, "refused"))).toBe(how === "one at a time");
    expect(await w.git(w.root, "show", "--format=", "--name-only", "main")).toBe("a.txt");
    expect(await w.git(w.root, "status", "--short")).toBe("");
    await w.git(w.root, "fsck", "--strict", "--no-dangling");
  },
);

test("a rebase onto an unmoved base is the session's own commits", async () => {
  await using w = await world();
  await away(w);
  const s = await worked(w);
  const head = await w.git(s.path, "rev-parse", "HEAD");
  ok(await s.land());
  expect(await w.git(w.root, "rev-parse", "main")).toBe(head);
});

test("squash makes one commit, and lists what it was made of", async () => {
  await using w = await world();
  await away(w);
  const s = await worked(w);
  ok(await s.land({ style: "squash" }));
  expect(await w.git(w.root, "log", "--format=%B", "main^..main")).toBe(
    "Fix the redirect\n\n- one\n- Fix the redirect\n\nRequested-by: Ada\nApproved-by: Bob\n",
  );
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("Fix the redirect\nfirst");
});

test("merge makes a merge commit", async () => {
  await using w = await world();
  await away(w);
  const s = await worked(w);
  const head = await w.git(s.path, "rev-parse", "HEAD");
  ok(await s.land({ style: "merge" }));
  expect(await w.git(w.root, "rev-parse", "main^2")).toBe(head);
});

test("a branch that has merged its base cannot be rebased commit by commit: it becomes one commit", async () => {
  await using w = await world();
  const s = await worked(w);
  await w.commit(w.root, { "b.txt": lines("b", { 5: "five" }) }, "theirs");
  await w.git(s.path, "merge", "--quiet", "--no-edit", "main");
  await w.commit(s.path, { "c.txt": "c" }, "after");
  ok(await s.land({ style: "rebase" }));
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("Fix the redirect\ntheirs\nfirst");
  expect(await w.git(w.root, "status", "--short")).toBe("");
});

test("a conflict is an answer with its files, and nothing is aimed", async () => {
  await using w = await world();
  const s = await worked(w);
  await w.commit(w.root, { "a.txt": lines("a", { 3: "drei" }) });
  expect((await s.inspect()).conflicts).toEqual(["a.txt"]);
  expect(await s.land()).toEqual({ ok: false, block: { why: "conflict", files: ["a.txt"] } });
  expect(s.aims).toEqual([]);
});

test("where the base is checked out its files follow and the user's edits stay", async () => {
  await using w = await world();
  const s = await worked(w);
  await w.write(w.root, { "b.txt": "staged\n", "README.md": "edited\n", "loose.txt": "untracked\n" });
  await w.git(w.root, "add", "b.txt");
  const before = await w.git(w.root, "status", "--short");
  ok(await s.land());
  expect(s.aims[0]?.checkout).toEqual({ path: w.root, paths: ["a.txt", "new.txt"] });
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toContain("three");
  expect(await w.git(w.root, "status", "--short")).toBe(before);
});

test.each([
  ["an edit", { "a.txt": "mine\n" }, "a.txt"],
  ["an untracked file in the way", { "new.txt": "mine\n" }, "new.txt"],
  ["an untracked folder in the way", { "new.txt/x": "mine\n" }, "new.txt/x"],
])("%s of the user stops the landing before it aims", async (_, edit, file) => {
  await using w = await world();
  const s = await worked(w);
  await w.write(w.root, edit);
  const before = await w.git(w.root, "rev-parse", "main");
  expect(await s.land()).toEqual({ ok: false, block: { why: "overlap", checkout: w.root, files: [file] } });
  expect(s.aims).toEqual([]);
  expect(await w.git(w.root, "rev-parse", "main")).toBe(before);
  expect(await readFile(join(w.root, file), "utf8")).toBe("mine\n");
});

test("lines that the user has taken off the end of a file are an edit, not a move that was cut off", async () => {
  await using w = await world();
  const s = await worked(w);
  const shorter = lines("a", {}).split("\n").slice(0, 2).join("\n");
  await w.write(w.root, { "a.txt": shorter });
  expect((await s.inspect()).edits).toMatchObject({ inTheWay: ["a.txt"] });
  expect(await s.land()).toEqual({ ok: false, block: { why: "overlap", checkout: w.root, files: ["a.txt"] } });
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toBe(shorter);
});

test("an ignored file of the user is not overwritten", async () => {
  await using w = await world();
  await w.commit(w.root, { ".gitignore": "*.log\ncache/\n" });
  const s = w.session();
  await s.prepare();
  await w.write(s.path, { "x.log": "agent's", "cache/y": "agent's" });
  await w.git(s.path, "add", "--force", "x.log", "cache/y");
  await s.inspect();
  await w.write(w.root, { "x.log": "mine", "cache/y": "mine" });
  const answer = await s.land();
  expect(answer).toEqual({ ok: false, block: { why: "overlap", checkout: w.root, files: ["x.log", "cache/y"] } });
  expect(await readFile(join(w.root, "x.log"), "utf8")).toBe("mine");
});

test("an edit that appears between aim and move is not overwritten", async () => {
  await using w = await world();
  const s = await worked(w);
  const answer = await s.land({}, () => w.write(w.root, { "a.txt": "mine\n" }));
  expect(answer).toMatchObject({ ok: false, block: { why: "overlap", files: ["a.txt"] } });
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toBe("mine\n");
});

test("somebody commits between aim and move: it is made and aimed again", async () => {
  await using w = await world();
  const s = await worked(w);
  let first = true;
  ok(
    await s.land({}, async () => {
      if (first) await w.commit(w.root, { "b.txt": "theirs\n" }, "theirs");
      first = false;
    }),
  );
  expect(s.aims).toHaveLength(2);
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("Fix the redirect\none\ntheirs\nfirst");
});

test("a base that keeps moving is given up after five times", async () => {
  await using w = await world();
  await away(w);
  const s = await worked(w);
  const answer = await s.land({}, async () => {
    const tree = await w.git(w.root, "rev-parse", "main^{tree}");
    const commit = await w.git(w.root, "commit-tree", tree, "-p", "main", "-m", `n${s.aims.length}`);
    await w.git(w.root, "update-ref", "refs/heads/main", commit);
  });
  expect(answer).toEqual({ ok: false, block: { why: "moving" } });
  expect(s.aims).toHaveLength(5);
});

test("somebody switches branches between aim and move: the branch they are on now is not moved", async () => {
  await using w = await world();
  const s = await worked(w);
  await w.git(w.root, "branch", "feature");
  const feature = await w.git(w.root, "rev-parse", "feature");
  let first = true;
  ok(
    await s.land({}, async () => {
      if (first) await w.git(w.root, "switch", "--quiet", "feature");
      first = false;
    }),
  );
  expect(await w.git(w.root, "rev-parse", "feature")).toBe(feature);
  expect(await w.git(w.root, "show", "main:new.txt")).toBe("new");
  expect(await w.git(w.root, "status", "--short")).toBe("");
});

test("stopping is obeyed before the aim only", async () => {
  await using w = await world();
  const s = await worked(w);
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  await expect(s.land({ signal: stop.signal })).rejects.toThrow("stopped");
  const late = new AbortController();
  ok(await s.land({ signal: late.signal }, async () => late.abort()));
  expect(await w.git(w.root, "show", "main:new.txt")).toBe("new");
});

test("two sessions that land at once both land", async () => {
  await using w = await world();
  const git = w.oca();
  const make = async (id: string) => {
    const s = { ...w.session({ branch: `oca/x-${id}` }) };
    s.place.session = id;
    Object.assign(s.place.workspace, ok(await git.prepare(s.place, HOW)));
    await w.write(git.path(s.place), { [`${id}.txt`]: id });
    await git.inspect(
      s.place,
      {
        title: id,
        requestedBy: { id: "a", chat: "web", user: "a", name: "A" },
        approvedBy: [],
      },
      null,
    );
    return s.place;
  };
  const places = [await make("aaa"), await make("bbb"), await make("ccc")];
  const order = {
    title: "t",
    requestedBy: { id: "a", chat: "web", user: "a", name: "A" },
    approvedBy: [],
    how: "merge" as const,
    style: "rebase" as const,
    push: false,
    aim: null,
    undo: null,
    checked: null,
    said: () => undefined,
    work: 1,
    signal: new AbortController().signal,
  };
  const aims: string[] = [];
  await Promise.all(
    places.map(async (place) => ok(await git.land(place, order, async ({ commit }) => void aims.push(commit)))),
  );
  expect(aims).toHaveLength(3);
  for (const id of ["aaa", "bbb", "ccc"]) expect(await w.git(w.root, "show", `main:${id}.txt`)).toBe(id);
});

test("with push on the remote gets exactly the session's commits, and the local base follows", async () => {
  await using w = await world({ remote: true });
  const s = await worked(w, {}, true);
  const answer = ok(await s.land({ push: true }));
  expect(answer.pushed).toBe(true);
  expect(await w.git(w.origin, "log", "--format=%s", "main")).toBe("Fix the redirect\none\nfirst");
  expect(await w.git(w.root, "rev-parse", "main")).toBe(await w.git(w.origin, "rev-parse", "main"));
  expect(await w.git(w.root, "status", "--short")).toBe("");
});

test("a user's unpushed commit is not pushed, and the local base stays", async () => {
  await using w = await world({ remote: true });
  const mine = await w.commit(w.root, { "mine.txt": "mine" }, "mine");
  const s = await worked(w, {}, true);
  ok(await s.land({ push: true }));
  expect(await w.git(w.origin, "log", "--format=%s", "main")).toBe("Fix the redirect\none\nfirst");
  expect(await w.git(w.root, "rev-parse", "main")).toBe(mine);
});

test("edits in the checkout do not stop a push; the local base stays behind", async () => {
  await using w = await world({ remote: true });
  const s = await worked(w, {}, true);
  await w.write(w.root, { "a.txt": "mine\n" });
  ok(await s.land({ push: true }));
  expect(await readFile(join(w.root, "a.txt"), "utf8")).toBe("mine\n");
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("first");
});

test("a colleague pushes between aim and push: it is made again on theirs", async () => {
  await using w = await world({ remote: true });
  const colleague = await w.colleague();
  const s = await worked(w, {}, true);
  ok(
    await s.land({ push: true }, async () => {
      if (s.aims.length > 1) return;
      await w.commit(colleague, { "b.txt": "theirs\n" }, "theirs");
      await w.git(colleague, "push", "--quiet");
    }),
  );
  expect(await w.git(w.origin, "log", "--format=%s", "main")).toBe("Fix the redirect\none\ntheirs\nfirst");
});

test("a push that the remote or the user's own hook refuses says why", async () => {
  await using w = await world({ remote: true });
  const s = await worked(w, {}, true);
  await writeFile(join(w.root, ".git/hooks/pre-push"), "#!/bin/sh\necho not on Fridays >&2\nexit 1\n", { mode: 0o755 });
  expect(await s.land({ push: true })).toMatchObject({
    ok: false,
    block: { why: "failed", error: expect.stringContaining("not on Fridays") },
  });
  await writeFile(join(w.root, ".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  await writeFile(join(w.origin, "hooks/pre-receive"), "#!/bin/sh\necho protected >&2\nexit 1\n", { mode: 0o755 });
  expect(await s.land({ push: true })).toMatchObject({
    ok: false,
    block: { why: "failed", error: expect.stringContaining("protected") },
  });
  expect(await w.git(w.origin, "log", "--format=%s", "main")).toBe("first");
});

test("a remote base with pushing off is not landed anywhere", async () => {
  await using w = await world({ remote: true });
  const s = await worked(w, { target: "refs/remotes/origin/main" });
  expect(await s.land()).toMatchObject({
    ok: false,
    block: { why: "failed", error: expect.stringContaining("pushing is off") },
  });
});

// --- After a restart ---------------------------------------------------------------------------------------------------

/** The process dies when the aim is saved, before the ref moves. */
async function dieAfterAim(
  s: Awaited<ReturnType<typeof worked>>,
  push = false,
  style: "rebase" | "squash" | "merge" = "squash",
) {
  const dead = new Error("killed");
  await s
    .land({ push, style }, () => Promise.reject(dead))
    .catch((error) => {
      if (error !== dead) throw error;
    });
  const aim = s.aims.at(-1);
  if (!aim) throw new Error("nothing was aimed");
  return aim;
}

test("killed before the move: it is moved", async () => {
  await using w = await world();
  const s = await worked(w);
  const aim = await dieAfterAim(s);
  const answer = ok(await s.land({ aim, style: "squash" }));
  expect(answer.kept).toBe("refs/oca/kept/k9q2m7ab3c/2");
  expect(await w.git(w.root, "rev-parse", "main")).toBe(aim.commit);
  expect(await w.git(w.root, "status", "--short")).toBe("");
  expect(s.aims).toHaveLength(1);
});

test.each(["squash", "merge", "rebase"] as const)(
  "killed after the move (%s), and somebody went on from there: it is not landed twice",
  async (style) => {
    await using w = await world();
    const s = await worked(w);
    ok(await s.land({ style }));
    const [aim] = s.aims;
    const theirs = await w.commit(w.root, { "a.txt": lines("a", { 3: "THREE" }) }, "on the same line");
    ok(await s.land({ style, aim: aim ?? null }));
    expect(await w.git(w.root, "rev-parse", "main")).toBe(theirs);
    expect(s.aims).toHaveLength(1);
  },
);

test("killed before the move, and the base moved meanwhile: it is made and aimed again", async () => {
  await using w = await world();
  const s = await worked(w);
  const aim = await dieAfterAim(s);
  await w.commit(w.root, { "b.txt": "theirs\n" }, "theirs");
  ok(await s.land({ aim, style: "squash" }));
  expect(s.aims).toHaveLength(2);
  expect(await w.git(w.root, "log", "--format=%s", "main")).toBe("Fix the redirect\ntheirs\nfirst");
});

test("killed between file and index in the user's checkout: the move is finished", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  const names = ["née 1.txt", "with\nnewline.txt", 'tab\tand "quote".txt'] as const;
  const [first, second] = names;
  await w.write(s.path, {
    "a.txt": lines("a", { 3: "three" }),
    "b.txt": null,
    ...Object.fromEntries(names.map((n) => [n, n])),
  });
  await s.inspect();
  const aim = await dieAfterAim(s);
  await w.write(w.root, {
    "a.txt": lines("a", { 3: "three" }),
    "b.txt": null,
    [first]: first,
    [second]: second,
  });
  expect(await w.git(w.root, "status", "--short")).not.toBe("");
  ok(await s.land({ aim, style: "squash" }));
  expect(await w.git(w.root, "rev-parse", "main")).toBe(aim.commit);
  expect(await w.git(w.root, "status", "--short")).toBe("");
  for (const name of names) expect(await readFile(join(w.root, name), "utf8")).toBe(name);
});

test("killed between file and index, and the user edited one of the files: all is left, and that one is named", async () => {
  await using w = await world();
  const s = await worked(w);
  const aim = await dieAfterAim(s);
  await w.write(w.root, { "new.txt": "new\n", "a.txt": "mine\n" });
  const before = await w.git(w.root, "status", "--short");
  expect(await s.land({ aim, style: "squash" })).toEqual({
    ok: false,
    block: { why: "overlap", checkout: w.root, files: ["a.txt"] },
  });
  expect(await w.git(w.root, "status", "--short")).toBe(before);
  expect(await w.git(w.root, "rev-parse", "main")).toBe(aim.onto);
});

test("a staged version that exists nowhere else is not lost to a repair", async () => {
  await using w = await world();
  const s = await worked(w);
  const aim = await dieAfterAim(s);
  await w.write(w.root, { "a.txt": "staged only\n" });
  await w.git(w.root, "add", "a.txt");
  await w.write(w.root, { "a.txt": lines("a", { 3: "three" }) });
  expect(await s.land({ aim, style: "squash" })).toMatchObject({
    ok: false,
    block: { why: "overlap", files: ["a.txt"] },
  });
  expect(await w.git(w.root, "show", ":a.txt")).toBe("staged only");
});

test("killed after the push: the remote is asked, and nothing is pushed twice", async () => {
  await using w = await world({ remote: true });
  const colleague = await w.colleague();
  const s = await worked(w, {}, true);
  const aim = await dieAfterAim(s, true);
  await w.git(w.root, "push", "--quiet", w.origin, `${aim.commit}:refs/heads/main`);
  await w.git(colleague, "pull", "--quiet");
  const theirs = await w.commit(colleague, { "a.txt": "on the same line\n" }, "theirs");
  await w.git(colleague, "push", "--quiet");
  const answer = ok(await s.land({ push: true, aim, style: "squash" }));
  expect(answer.pushed).toBe(true);
  expect(await w.git(w.origin, "rev-parse", "main")).toBe(theirs);
  expect(s.aims).toHaveLength(1);
});

test("killed before the push: it is pushed", async () => {
  await using w = await world({ remote: true });
  const s = await worked(w, {}, true);
  const aim = await dieAfterAim(s, true);
  ok(await s.land({ push: true, aim, style: "squash" }));
  expect(await w.git(w.origin, "rev-parse", "main")).toBe(aim.commit);
  expect(await w.git(w.root, "rev-parse", "main")).toBe(aim.commit);
});

test("a merge of nothing lands at once", async () => {
  await using w = await world();
  const s = w.session();
  await s.prepare();
  ok(await s.land());
  expect(existsSync(s.path)).toBe(true);
});
