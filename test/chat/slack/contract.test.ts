import { expect } from "vitest";
import { type ChatStage, chatContract, historyContract } from "../../contract/chat.ts";
import { stage } from "./stage.ts";

const open = async (mode: "socket" | "http"): Promise<ChatStage> => {
  const { slack, chat, received, fail, end } = await stage({ mode, limits: null });
  const [ana, ben] = [slack.person("Ana"), slack.person("Ben")];
  return {
    chat,
    received,
    fail,
    say: async (text, thread, file) => {
      const sending = { thread: thread?.thread ?? null, files: file ? [file] : [] };
      return (await ana.says(thread?.channel ?? "agents", text, sending)).acked;
    },
    click: async ({ channel, thread, id }, action) => {
      const card = slack.messages(channel, thread).find(({ ts }) => ts === id);
      if (!card) throw new Error(`there is no message ${id}`);
      return (await ana.clicks(card, (element) => element["action_id"] === action)).acked;
    },
    redeliver: slack.redeliver,
    reads: async ({ channel, thread }) => {
      await chat.idle();
      return slack.messages(channel, thread).flatMap(({ words }) => (words === "" ? [] : words));
    },
    isTold: async (words) => {
      await expect.poll(() => ana.whispers().map((it) => it.words)).toContainEqual(expect.stringContaining(words));
      expect(ben.whispers()).toEqual([]);
    },
    end,
  };
};

for (const mode of ["socket", "http"] as const) {
  chatContract(`Slack over ${mode}`, () => open(mode));
  historyContract(`Slack over ${mode}`, () => open(mode));
}
