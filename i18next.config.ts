import { defineConfig } from "i18next-cli";

// `i18next-cli types` writes src/view/resources.gen.d.ts; src/view/i18next.d.ts is written once, by hand.
export default defineConfig({
  locales: ["en", "de"],
  extract: { input: ["src/view/**/*.ts"], output: "locales/{{language}}/{{namespace}}.json", defaultNS: "card" },
  types: {
    input: ["card", "cli", "command", "doctor", "reply"].map((name) => `locales/en/${name}.json`),
    output: "src/view/i18next.d.ts",
    resourcesFile: "src/view/resources.gen.d.ts",
  },
});
