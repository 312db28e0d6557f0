/**
 * npm run sweep: a sweep from a file, a part of one, and parts put together.
 *
 * Layer: cli. Rows are kept in a folder beside the result while they come, so what was
 * killed or interrupted goes on with the same command.
 */
import { basename, extname } from "node:path";
import { checkOut, FolderStore, MemoryStore, Plan, readSweepFile, runPlan, setUp, storedSpec, storeIn, writeTable } from "../analysis/sweep/index.ts";
import type { Store, SweepOptions } from "../analysis/sweep/index.ts";
import { InputError } from "../schema/index.ts";
import { countOf } from "./arguments.ts";
import { ProgressLine } from "./progress-line.ts";

/** What stands on the command line goes before what stands in the file. */
export interface SweepFlags extends Pick<SweepOptions, "backend" | "redis" | "redisCa" | "shard" | "strict"> {
  threads?: string;
  store?: string;
  out?: string;
}

const INTERRUPTED = 130;

/** Runs the sweep in the file `path` and writes its rows, or leaves those of a shard in the store. */
export async function sweep(path: string, { threads, out: outFlag, ...flags }: SweepFlags): Promise<void> {
  const file = readSweepFile(path);
  const out = outFlag ?? file.out ?? `${basename(path, extname(path))}.csv`;
  checkOut(out);
  const stop = new AbortController();
  const line = new ProgressLine();
  const setup = setUp(file.grid, file.workload, {
    ...file.options,
    ...(flags.backend !== undefined && flags.backend !== "redis" && { redis: undefined, redisCa: undefined }), // those of the file
    ...(flags.redis !== undefined && { backend: "redis" }),
    ...flags,
    ...(threads !== undefined && { threads: countOf("--threads", threads) }),
    signal: stop.signal,
    onProgress: (progress) => line.show(progress),
  });
  const { plan } = setup;
  const isShard = flags.shard !== undefined || file.options.shard !== undefined;
  if (isShard && setup.store === false) throw new InputError(`${path}: store: false keeps nothing of a shard: name a folder`);
  const folder = setup.store ?? `${out}.rows`;
  const store = folder === false ? new MemoryStore() : storeIn(folder, plan);
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const complete = await runPlan(plan, store, setup.engine, setup.run);
    line.end();
    const { points, failed } = tally(plan, store);
    if (!complete) {
      console.error(`interrupted: ${points} of ${plan.points} points are ${folder === false ? "done, and none is kept" : `in ${folder}; the same command goes on from there`}`);
      process.exitCode = INTERRUPTED;
    } else if (isShard) {
      store.close();
      console.log(`${folder}: ${points} of ${plan.points} points${failed}; when all shards are done: npm run sweep -- merge ${out} ${folder}`);
    } else {
      await writeTable(out, plan, store);
      if (setup.store === undefined) store.remove();
      console.log(`${out}: ${points} points${failed}`);
    }
  } finally {
    line.end();
    store.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/**
 * Puts the rows of all shards into one file.
 * @throws InputError when points are missing, or the folders are of different sweeps.
 */
export async function merge(out: string, folders: readonly string[]): Promise<void> {
  checkOut(out);
  const spec = storedSpec(folders);
  if (spec === undefined) throw new InputError(`${folders.join(", ")}: no rows of a sweep are there`);
  const plan = new Plan(spec);
  const store = new FolderStore(folders, plan);
  try {
    const { points, failed } = tally(plan, store);
    const missing = Array.from({ length: plan.chunks }, (_, chunk) => chunk).find((chunk) => !store.chunks.has(chunk));
    if (missing !== undefined) {
      throw new InputError(`${plan.points - points} of ${plan.points} points are missing, the first is number ${plan.range(missing)[0]}: have all shards been run, and are all their folders named?`);
    }
    await writeTable(out, plan, store);
    console.log(`${out}: ${points} points${failed}`);
  } finally {
    store.close();
  }
}

/** How many points are in `store`, and in words how many of them failed, if any did. */
function tally(plan: Plan, store: Store): { points: number; failed: string } {
  let [points, failed] = [0, 0];
  for (const chunk of store.chunks.keys()) {
    const [from, to] = plan.range(chunk);
    points += to - from;
    failed += Object.keys(store.get(chunk).errors).length;
  }
  return { points, failed: failed === 0 ? "" : `, ${failed} failed, see column error` };
}
