import { KEY } from "./bench.ts";

const model = {
  tool_call: true,
  attachment: true,
  modalities: { input: ["text", "image"], output: ["text"] },
  limit: { context: 200_000, output: 8000 },
  cost: { input: 2, output: 10 },
};

/** OpenCode's configuration that leads it to the scripted model. */
export const config = (url: string) => ({
  model: "scripted/model",
  small_model: "scripted/model",
  enabled_providers: ["scripted"],
  provider: {
    scripted: {
      npm: "@ai-sdk/openai-compatible",
      name: "Scripted",
      options: { baseURL: `${url}/v1`, apiKey: KEY },
      models: { model: { name: "Model", ...model }, other: { name: "Other", ...model } },
    },
  },
});
