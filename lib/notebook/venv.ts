/**
 * The Python environment in which JupyterLab runs: .venv at the root of the project.
 *
 * Layer: notebook. It is made with pinned packages and their hashes on first use, and
 * again when requirements.txt changes. The kernel is registered inside it, so nothing
 * is written anywhere else.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../schema/index.ts";
import { writeFileAtomically } from "./files.ts";
import { KERNEL_NAME, kernelspec } from "./language.ts";
import { withLock } from "./lock.ts";
import { nodeArguments } from "./node.ts";
import { projectRoot } from "./places.ts";

const venv = join(projectRoot, ".venv");
const requirements = fileURLToPath(new URL("requirements.txt", import.meta.url));
/** Holds the hash of the requirements that the environment was made of; written last. */
const stamp = join(venv, "requirements.sha256");

/** The environment's Python. Run tools as its modules (`-m jupyterlab`): their scripts hold paths and break when the project moves. */
export const venvPython = join(venv, "bin/python");

/**
 * Makes .venv unless it is there and current, and registers the kernel in it.
 * @param say told what is done when it takes long.
 * @throws InputError with one line that says what to install when Python or its venv module is missing.
 */
export async function ensureVenv(say: (line: string) => void = () => {}): Promise<void> {
  await withLock(join(projectRoot, "build/venv.lock"), () => {
    const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
    if (!isCurrent(wanted)) install(wanted, say);
    registerKernel();
    silenceNews();
  });
}

function isCurrent(wanted: string): boolean {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && spawnSync(venvPython, ["-c", ""]).status === 0;
}

function install(wanted: string, say: (line: string) => void): void {
  const hasVenv = spawnSync("python3", ["-c", "import venv, ensurepip"]);
  if (hasVenv.error !== undefined) throw new InputError("python3 is not installed: JupyterLab needs it (Debian: apt-get install python3 python3-venv)");
  if (hasVenv.status !== 0) throw new InputError("Python's venv module is not installed: JupyterLab needs it (Debian: apt-get install python3-venv)");
  say("Making .venv with JupyterLab, once; this takes a minute …");
  rmSync(stamp, { force: true });
  run("python3", ["-m", "venv", "--clear", venv]);
  run(venvPython, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r", requirements]);
  writeFileAtomically(stamp, wanted);
}

function run(command: string, args: string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}

/** Writes the kernel's specification. It holds absolute paths, so it is written at every start. */
function registerKernel(): void {
  const launcher = fileURLToPath(new URL("launcher.ts", import.meta.url));
  const specification = {
    argv: [process.execPath, ...nodeArguments, launcher, "{connection_file}"],
    display_name: kernelspec.display_name,
    language: kernelspec.language,
    interrupt_mode: "message",
    metadata: { debugger: false },
  };
  writeJson(join(venv, "share/jupyter/kernels", KERNEL_NAME, "kernel.json"), specification);
}

/** JupyterLab asks on first start whether it may fetch news; here it may not, and need not ask. */
function silenceNews(): void {
  writeJson(join(venv, "etc/jupyter/labconfig/page_config.json"), { disabledExtensions: { "@jupyterlab/apputils-extension:announcements": true } });
}

function writeJson(path: string, value: object): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomically(path, text);
}
