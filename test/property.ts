import fc from "fast-check";

/**
 * Every run tries the same cases, so that a change is judged by what it changes. `OCA_SEED` tries others, as `npm run test:full`
 * does; a failure says its own seed.
 */
fc.configureGlobal({ seed: Number(process.env["OCA_SEED"] ?? 20_261_128) });

export { fc };
