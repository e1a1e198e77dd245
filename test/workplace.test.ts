import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { createWorkplace } from "../src/workplace.ts";
import { easyGit } from "./engine/stage.ts";
import { plan, running, session, turn } from "./view/made.ts";

test("in the user's own checkout no git command runs unasked, whoever named it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "oca-place-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = await loadConfig({ cwd: folder, env: { HOME: folder, OCA_DATA: join(folder, "data") } });
  const log = createLog({ level: "silent" });
  const spawn = () => {
    throw new Error("nothing is started here");
  };
  const place = createWorkplace({ config, spawn, git: easyGit(), chats: new Map(), walls: false, log });
  const approved = { ...plan(1, ["Commit"]), digest: "d1", commands: ["npm test", "git commit", "/usr/bin/git stash"] };
  const s = session(running("write"), { plans: [approved], warrant: { digest: "d1", votes: [] } });
  const own = { ...s, workspace: s.workspace && { ...s.workspace, kind: "repo" as const } };
  expect(await place(s, turn("write"))).toMatchObject({ cwd: `/work/${s.id}`, commands: approved.commands });
  expect(await place(own, turn("write"))).toMatchObject({ cwd: "/srv/shop", commands: ["npm test"] });
});
