/** A full disk without one: a process whose files cannot grow beyond a size, and whose last write is short. */
import { spawnSync } from "node:child_process";

/** Larger than what the loader of TypeScript may write meanwhile. */
const ROOM_KB = 1024;
const TIDY_UP = 'const tidyUp = () => require("node:child_process").execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited:unlimited"]);';

/** Runs `script`, which knows what the modules `files` of lib/analysis/sweep export as `lib`, and may say `tidyUp()` to have room again. @returns what it printed, from JSON */
export function onFullDisk(files: readonly string[], script: string): unknown {
  const imports = files.map((file) => `...await import(${JSON.stringify(new URL(`../../../lib/analysis/sweep/${file}`, import.meta.url).href)})`);
  const module = `(async () => { const lib = { ${imports.join(", ")} }; ${TIDY_UP} ${script} })()`;
  const words = ["-c", `ulimit -S -f ${ROOM_KB}; exec "$0" "$@"`, process.execPath, "--import", import.meta.resolve("tsx"), "-e", module];
  const { stdout, stderr, status } = spawnSync("bash", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
