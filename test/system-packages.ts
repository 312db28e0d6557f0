/**
 * Programs of the operating system that the tests need.
 *
 * Installs Debian's packages when it may; otherwise tells in one line what to install.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

interface Need {
  debianPackage: string;
  why: string;
  isThere(): boolean;
}

const needs: readonly Need[] = [
  { debianPackage: "python3", why: "JupyterLab and the comparison with the host run on it", isThere: () => found("python3") !== undefined },
  { debianPackage: "python3-venv", why: "the Python environment is made with it", isThere: () => spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0 },
  { debianPackage: "redis-server", why: "sweeps are spread over machines with it", isThere: () => found("redis-server") !== undefined },
  { debianPackage: "openssl", why: "it makes the certificate of a Redis with TLS", isThere: () => found("openssl") !== undefined },
  { debianPackage: "chromium", why: "notebooks are opened in it", isThere: () => chromium() !== undefined },
  { debianPackage: "fonts-dejavu-core", why: "pages are written in it", isThere: () => existsSync("/usr/share/fonts/truetype/dejavu") },
];

/** The path of Chromium; undefined when there is none. */
export function chromium(): string | undefined {
  return ["chromium", "chromium-browser", "google-chrome"].map(found).find((path) => path !== undefined);
}

/**
 * Installs what is missing.
 * @throws Error with one line that says what to install when that may not be done here.
 */
export function ensureSystemPackages(say: (line: string) => void): void {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.debianPackage);
  const command = `apt-get install ${packages.join(" ")}`;
  const reasons = missing.map(({ debianPackage, why }) => `${debianPackage} (${why})`).join(", ");
  const mayInstall = process.getuid?.() === 0 && found("apt-get") !== undefined;
  if (!mayInstall) throw new Error(`The tests need ${reasons}; on Debian: ${command}`);
  say(`Installing ${reasons} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", ...packages]]) {
    const { status, stderr } = spawnSync("apt-get", args, { env: environment, encoding: "utf8" });
    if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed: ${stderr.trim()}`);
  }
}

function found(program: string): string | undefined {
  return (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, program)).find(existsSync);
}
