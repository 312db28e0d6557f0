/** Threads that run TypeScript modules. Layer: notebook. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";

const require = createRequire(import.meta.url);

/** A thread that runs the TypeScript module `entry`, which tsx, unlike in a process, has to be asked for. */
export function startThread(entry: URL, workerData: object, transferList: TransferListItem[] = []): Worker {
  const tsx = pathToFileURL(require.resolve("tsx/esm/api")).href;
  const [api, url] = [tsx, entry.href].map((text) => JSON.stringify(text));
  return new Worker(`import(${api}).then(({ tsImport }) => tsImport(${url}, ${url}))`, { eval: true, workerData, transferList });
}
