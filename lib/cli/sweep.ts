/**
 * npm run sweep: a sweep from a file, a part of one, and parts put together.
 *
 * Layer: cli. Rows are kept in a folder beside the result while they come, so what was
 * killed or interrupted goes on with the same command.
 */
import { basename, extname } from "node:path";
import { checkOut, FolderStore, Plan, readSweepFile, removeStore, runPlan, setUp, writeTable } from "../analysis/sweep/index.ts";
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
  const folder = setup.store === undefined || setup.store === false ? `${out}.rows` : setup.store;
  const store = new FolderStore([folder], setup.plan.spec);
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const complete = await runPlan(setup.plan, store, setup.engine, setup.run);
    line.end();
    if (!complete) {
      console.error(`interrupted: ${pointsIn(setup.plan, store)} of ${setup.plan.points} points are in ${folder}; the same command goes on from there`);
      process.exitCode = INTERRUPTED;
    } else if (flags.shard === undefined && file.options.shard === undefined) {
      await writeTable(out, setup.plan, store);
      if (setup.store === undefined) removeStore(folder);
      console.log(`${out}: ${setup.plan.points} points`);
    } else {
      console.log(`${folder}: ${pointsIn(setup.plan, store)} of ${setup.plan.points} points; when all shards are done: npm run sweep -- merge ${out} ${folder}`);
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
  const store = new FolderStore(folders);
  if (store.spec === undefined) throw new InputError(`${folders.join(", ")}: no rows of a sweep are there`);
  const plan = new Plan(store.spec);
  const missing = Array.from({ length: plan.chunks }, (_, chunk) => chunk).filter((chunk) => !store.chunks.has(chunk));
  if (missing.length > 0) {
    throw new InputError(`${plan.points - pointsIn(plan, store)} of ${plan.points} points are missing, the first is number ${plan.range(missing[0]!)[0]}: have all shards been run, and are all their folders named?`);
  }
  await writeTable(out, plan, store);
  store.close();
  console.log(`${out}: ${plan.points} points`);
}

function pointsIn(plan: Plan, store: Store): number {
  let points = 0;
  for (const chunk of store.chunks.keys()) points += plan.range(chunk)[1] - plan.range(chunk)[0];
  return points;
}
