/** A provider of the owner's: the scripted model, without patience. */
export const provider = (url: string, model: string) => ({
  model,
  model_provider: "scripted",
  "model_providers.scripted.name": "Scripted",
  "model_providers.scripted.base_url": `${url}/v1`,
  "model_providers.scripted.env_key": "CODEX_TEST_KEY",
  "model_providers.scripted.request_max_retries": 0,
  "model_providers.scripted.stream_max_retries": 0,
});
