/**
 * Several clients at once: the load that the paper leaves to "further measurements".
 *
 * Layer: workloads; after Table 5-9. Each client is a process made by fork(): it
 * thinks, reads a page, and thinks again. What is measured begins when all have their
 * files open and ends while all are still at work.
 */
import { z } from "zod";
import { WaitQueue } from "../engine/index.ts";
import type { Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check, InputError } from "../schema/index.ts";
import type { System } from "../systems/system.ts";
import type { Unix } from "../unix/interface.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const KB = 1024;

export const clientOptions = z.strictObject({
  clients: z.int().min(1).max(64).default(1),
  /**
   * random: pages of common files that lie all over the disk, each page read once;
   * sequential: each client reads a file of its own from its beginning on.
   */
  pattern: z.enum(["random", "sequential"]).default("random"),
  /** Reads that are measured, of all clients together. */
  reads: atLeastOne.default(400),
  /** Mean of the exponential time between a client's reads. */
  thinkMs: z.number().min(0).default(0),
  /** Share of the reads, drawn at random, that ask for a page that was read before. */
  rereadPercent: z.number().min(0).max(100).default(0),
  /** Common files, each in a directory of its own, and the length of every file. */
  files: atLeastOne.max(32).default(16),
  fileBytes: z.int().min(PAGE_BYTES).multipleOf(PAGE_BYTES).default(512 * KB),
});
export type ClientOptions = z.input<typeof clientOptions>;

export interface ClientMeasurement extends Measurement {
  readsPerSec: number;
  /** Mean time of a read with its lseek(). */
  responseMs: number;
  /** Shares of the time in which the processor was busy, and in which the disk had a command. */
  processorUtilization: number;
  diskUtilization: number;
}

/** Pages that a client reads again and again, in a file of their own. */
const HOT_PAGES = 4;

type Place = readonly [file: number, page: number];

/**
 * Let `clients` clients read at the same time.
 * @throws InputError when the files have too few pages for so many reads.
 */
export function clients(system: System, options: ClientOptions = {}): ClientMeasurement {
  const checked = check(clientOptions, options, "clients");
  const { clients: count, pattern, reads, thinkMs, rereadPercent, fileBytes } = checked;
  const files = pattern === "random" ? checked.files : count;
  const pages = fileBytes / PAGE_BYTES;
  const needed = pattern === "random" ? Math.ceil((reads + 2 * count) / files) : reads + count; // however unfairly the others are served
  if (needed > pages) throw new InputError(`clients: fileBytes: expected ${needed * PAGE_BYTES} or more for ${reads} reads, found ${fileBytes}`);
  const path = (file: number) => `/user${file}/data`;
  const hot = (client: number) => `/user${client}/hot`;
  const prepared = Array.from({ length: files }, (_, file) => [path(file), fileBytes] as const);
  const warm = Array.from({ length: rereadPercent > 0 ? count : 0 }, (_, client) => [hot(client), HOT_PAGES * PAGE_BYTES] as const);
  system.prepare(Object.fromEntries([...prepared, ...warm]));

  const { sim, machine } = system;
  const places = shuffled(files, pages, () => sim.stream("places").uniform());
  const used = () => ({
    atNs: sim.now,
    processorNs: machine.processor.statistics.utilization(sim.now) * sim.now,
    diskNs: machine.controller.statistics.utilization(sim.now) * sim.now,
  });
  const start = new WaitQueue(sim, "all clients ready");
  let ready = 0; // clients with their files open
  let begin: ReturnType<typeof used> | undefined;
  let end: ReturnType<typeof used> | undefined;
  let stop = stopwatch(system);
  let measured: Measurement | undefined;
  let done = 0;
  let responseNs = 0;

  function* client(unix: Unix, self: number): Steps {
    const chance = sim.stream(`client ${self}`);
    const fds: number[] = [];
    if (pattern === "random") for (let file = 0; file < files; file++) fds.push(yield* unix.open(path(file), { access: "read" }));
    else fds[self] = yield* unix.open(path(self), { access: "read" });
    const hotFd = rereadPercent > 0 ? yield* unix.open(hot(self), { access: "read" }) : -1;
    if (hotFd >= 0) yield* unix.read(hotFd, HOT_PAGES * PAGE_BYTES);
    if (++ready < count) yield* start.wait();
    else {
      begin = used();
      stop = stopwatch(system);
      start.wakeAll();
    }
    while (end === undefined) {
      if (thinkMs > 0) yield* sim.sleep(Math.round(chance.exponential(thinkMs * 1e6)));
      const startNs = sim.now;
      if (100 * chance.uniform() < rereadPercent) yield* readAt(unix, hotFd, chance.integer(0, HOT_PAGES - 1));
      else if (pattern === "sequential") yield* unix.read(fds[self]!, PAGE_BYTES);
      else {
        const place = places.pop();
        if (place === undefined) break; // all has been read: only when the end has come meanwhile
        yield* readAt(unix, fds[place[0]]!, place[1]);
      }
      if (end !== undefined) break;
      responseNs += sim.now - startNs;
      if (++done === reads) {
        end = used();
        measured = stop(reads, reads * PAGE_BYTES);
      }
    }
    for (const fd of fds) if (fd !== undefined) yield* unix.close(fd);
  }

  system.run(function* (unix) {
    for (let self = 0; self < count; self++) yield* unix.fork((child) => client(child, self));
    for (let self = 0; self < count; self++) yield* unix.wait();
  });
  const elapsedNs = end!.atNs - begin!.atNs;
  return {
    ...measured!,
    readsPerSec: reads / (elapsedNs / 1e9),
    responseMs: responseNs / 1e6 / reads,
    processorUtilization: (end!.processorNs - begin!.processorNs) / elapsedNs,
    diskUtilization: (end!.diskNs - begin!.diskNs) / elapsedNs,
  };
}

function* readAt(unix: Unix, fd: number, page: number): Steps {
  yield* unix.lseek(fd, page * PAGE_BYTES);
  yield* unix.read(fd, PAGE_BYTES);
}

/** Every page of every file once, in random order. */
function shuffled(files: number, pages: number, uniform: () => number): Place[] {
  const places = Array.from({ length: files * pages }, (_, i): Place => [i % files, Math.floor(i / files)]);
  for (let last = places.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [places[last], places[other]] = [places[other]!, places[last]!];
  }
  return places;
}
