/** A real browser without a window. */
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";
import { chromium as chromiumPath } from "../system-packages.ts";

const QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Surfaces are drawn with WebGL, here by the processor. */
const WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];

/** Starts Chromium. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox", ...QUIET, ...WEBGL] });
}
