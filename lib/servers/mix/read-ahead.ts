/**
 * More pages than were asked for: clusters and read-ahead, off in the system measured.
 *
 * Layer: servers/mix; section 6.3, "no readahead is used in the systems that have been
 * described". The Object Manager has the nucleus reserve the pages that follow, as far
 * as frames are free, and fills them: those that lie together on the disk in one
 * request, the rest behind it, without anybody waiting.
 */
import type { Steps } from "../../engine/index.ts";
import { spanned, WaitQueue } from "../../engine/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { Area, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import { framesOf } from "./disk.ts";
import type { UfsOptions, UfsVnode } from "./ufs.ts";

const PAGE_SECTORS = PAGE_BYTES / SECTOR_BYTES;

/** Pages that lie one after the other on the disk. */
interface Run {
  readonly first: number;
  readonly sector: number;
  readonly frames: Frame[];
}

export interface Plan {
  readonly request: PageRequest;
  /** The first run begins with the page asked for; its frame is not in `frames`. */
  readonly runs: readonly Run[];
}

export class ReadAhead {
  readonly #nucleus: Nucleus;
  readonly #device: BlockDevice;
  readonly #options: UfsOptions;
  readonly #sectorOf: (vnode: UfsVnode, page: number) => Steps<number | undefined>;

  constructor(nucleus: Nucleus, device: BlockDevice, options: UfsOptions, sectorOf: (vnode: UfsVnode, page: number) => Steps<number | undefined>) {
    this.#nucleus = nucleus;
    this.#device = device;
    this.#options = options;
    this.#sectorOf = sectorOf;
  }

  /** What to load with the page asked for, which lies at `sector`; undefined if nothing but it. Reserves the pages. */
  *plan(vnode: UfsVnode, request: PageRequest, sector: number, sequential: boolean): Steps<Plan | undefined> {
    const { readAhead, clusterBytes } = this.#options;
    const cluster = clusterBytes / PAGE_BYTES;
    const wanted = Math.max(Math.floor(cluster) - 1, sequential ? readAhead : 0);
    if (wanted === 0) return undefined;
    const asked = request.offset / PAGE_BYTES;
    const end = Math.min(asked + 1 + wanted, Math.ceil(vnode.size / PAGE_BYTES));
    const sectors: number[] = [];
    for (let page = asked + 1; page < end && !vnode.blank.has(page); page++) {
      const next = yield* this.#sectorOf(vnode, page);
      if (next === undefined || (!sequential && next !== sector + (page - asked) * PAGE_SECTORS)) break;
      sectors.push(next);
    }
    const frames = this.#nucleus.memory.control.reserve(request.cache.key, request.offset + PAGE_BYTES, sectors.length);
    if (frames.length === 0) return undefined;
    const runs: Run[] = [{ first: asked + 1, sector, frames: [] }];
    for (const [i, frame] of frames.entries()) {
      const run = runs.at(-1)!;
      const length = run.frames.length + (runs.length === 1 ? 1 : 0);
      if (sectors[i] === run.sector + length * PAGE_SECTORS && length < cluster) run.frames.push(frame);
      else runs.push({ first: asked + 1 + i, sector: sectors[i]!, frames: [frame] });
    }
    vnode.next = asked + 1 + frames.length;
    return { request, runs };
  }

  /** Load the page asked for into `page` and what was planned behind it, under the grant `sequence`; returns when the page is there. */
  load(page: Area, plan: Plan, sequence: number): Steps {
    return spanned(this.#nucleus.machine.sim, "Read from Disk", this.#load(page, plan, sequence));
  }

  *#load(page: Area, { request, runs }: Plan, sequence: number): Steps {
    const { sim } = this.#nucleus.machine;
    const [asked, ...others] = runs as [Run, ...Run[]];
    const completion = new WaitQueue(sim, "a cluster of pages");
    let failure: Errno | undefined | "running" = "running";
    yield* sim.settle();
    this.#start(request, asked, [...framesOf(page).frames, ...asked.frames], sequence, (error) => {
      failure = error;
      completion.wakeAll();
    });
    for (const run of others) this.#start(request, run, run.frames, sequence, () => {});
    while (failure === "running") yield* completion.wait();
    if (failure !== undefined) throw new UnixError(failure);
  }

  #start(request: PageRequest, run: Run, frames: readonly Frame[], sequence: number, done: (error?: Errno) => void): void {
    const { control } = this.#nucleus.memory;
    this.#device.strategy({
      op: "read",
      sector: run.sector,
      sectors: frames.length * PAGE_SECTORS,
      frames,
      offset: 0,
      done: (error) => {
        if (run.frames.length > 0) {
          const grant = error === undefined ? { access: "write" as const, sequence } : undefined;
          control.provide(request.cache.key, run.first * PAGE_BYTES, run.frames.length, grant);
        }
        done(error);
      },
    });
  }
}
