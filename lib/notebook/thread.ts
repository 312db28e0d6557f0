/** Threads that run TypeScript modules. Layer: notebook. */
import { Worker } from "node:worker_threads";
import type { TransferListItem } from "node:worker_threads";

/** A thread that runs the TypeScript module `entry`, which tsx, unlike in a process, has to be asked for. */
export function startThread(entry: URL, workerData: object, transferList: TransferListItem[] = []): Worker {
  const [tsx, url] = [import.meta.resolve("tsx/esm/api"), entry.href].map((text) => JSON.stringify(text));
  return new Worker(`import(${tsx}).then(({ tsImport }) => tsImport(${url}, ${url}))`, { eval: true, workerData, transferList });
}
