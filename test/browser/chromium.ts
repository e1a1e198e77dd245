import { type Browser, chromium } from "playwright-core";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** Debian's Chromium, which asks nothing of the network. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [...ARGS, "--disable-component-update", "--disable-sync"],
  });

export const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
