/** How Node is started to run cells. Layer: notebook. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);

/**
 * Arguments of Node before the module to run. The compiler of the cells fills the heap,
 * so short-lived objects get more room than usual, lest collecting them takes as long
 * as the simulation.
 */
export const nodeArguments: readonly string[] = ["--max-semi-space-size=64", "--import", pathToFileURL(require.resolve("tsx")).href];
