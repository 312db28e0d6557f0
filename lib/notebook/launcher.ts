/**
 * Starts the kernel: `node --import tsx launcher.ts CONNECTION_FILE`, as the kernel's
 * specification in .venv says. Layer: notebook.
 */
import { readFileSync } from "node:fs";
import { Kernel } from "./kernel.ts";
import { ensureTypings } from "./typings.ts";
import type { Connection } from "./wire.ts";

const connection: Connection = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
await ensureTypings();
const kernel = new Kernel(connection, () => process.exit(0));

// While a cell begins, its compiler's watchdog takes the signal; at any other time it means nothing.
process.on("SIGINT", () => {});
// A cell must not take the kernel down with it, and what went wrong must be seen.
const report = (what: string) => (error: unknown) => process.stderr.write(`${what}: ${(error as Error)?.stack ?? error}\n`);
process.on("uncaughtException", report("uncaught exception"));
process.on("unhandledRejection", report("unhandled rejection"));

// The kernel does not outlive the Jupyter that started it.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(0), 1000).unref();

await kernel.start();
