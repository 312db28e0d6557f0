/**
 * npm run lab: opens JupyterLab on the notebooks.
 *
 * Layer: cli. On first use it makes the Python environment that JupyterLab needs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../notebook/places.ts";
import { ensureTypings } from "../notebook/typings.ts";
import { ensureVenv, venvPython } from "../notebook/venv.ts";

/** Opens JupyterLab; ends when it ends, with its status. `passed` are options of JupyterLab, such as --no-browser. */
export async function lab(passed: readonly string[] = []): Promise<void> {
  await ensureVenv(console.log);
  await ensureTypings();
  // Who may do everything anyhow, as in a container, may run JupyterLab too.
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
  const jupyter = spawn(venvPython, ["-m", "jupyterlab", join(projectRoot, "notebooks"), ...asRoot, ...passed], { stdio: "inherit" });
  // Ctrl-C reaches JupyterLab too, which asks and then ends; this process waits for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => jupyter.kill("SIGTERM"));
  const [status] = await once(jupyter, "exit");
  process.exitCode = status ?? 1;
}
