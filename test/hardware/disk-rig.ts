/** A small disk whose times can be worked out in the head, and a machine around it. */
import { Simulation, WaitQueue } from "../../lib/engine/index.ts";
import type { Steps } from "../../lib/engine/index.ts";
import { Controller } from "../../lib/hardware/controller.ts";
import type { ControllerSpec, DiskRequest } from "../../lib/hardware/controller.ts";
import type { DiskSpec } from "../../lib/hardware/disk/spec.ts";
import { Driver } from "../../lib/hardware/driver.ts";
import type { DriverSpec } from "../../lib/hardware/driver.ts";
import { Memory } from "../../lib/hardware/memory.ts";
import { Processor } from "../../lib/hardware/processor.ts";

export const MS = 1_000_000;

/**
 * Two cylinders of two tracks of four sectors; a revolution takes 4 ms, a sector 1 ms.
 * The tracks begin at 0, 1, 3 and 0 ms of the revolution.
 */
export const toyDisk: DiskSpec = {
  cylinders: 2,
  heads: 2,
  sectorsPerTrack: 4,
  rpm: 15_000,
  sectorBytes: 512,
  trackSkewSectors: 1,
  cylinderSkewSectors: 2,
  headSwitchMs: 0.5,
  writeSettleMs: 0.25,
  seekMs: { a: 1.5, b: 0, knee: 10, e: 0, c: 1.5 },
};

/** Processor time only for programmed I/O, 0.1 ms a sector. */
export const toyController: ControllerSpec = {
  disk: toyDisk,
  commandUs: 0,
  pioSectorUs: 100,
  sectorOverheadUs: 0,
  interruptUs: 0,
  bufferSectors: 4,
  lookAhead: { policy: "none", crossTracks: true },
};

export interface Transfer {
  op: DiskRequest["op"];
  sector: number;
  sectors: number;
}

/** A machine without clock interrupts. */
export class Rig {
  readonly sim = new Simulation();
  readonly processor = new Processor(this.sim, { tickNs: 1e12, tickCostNs: 0, firstTickNs: 1e12, quantumTicks: 10 });
  readonly memory = new Memory(512 * 1024);
  readonly controller: Controller;
  readonly driver: Driver;

  constructor(controller: Partial<ControllerSpec> = {}, driver: DriverSpec = { startUs: 0 }) {
    const spec = { ...toyController, ...controller };
    this.controller = new Controller({ sim: this.sim, processor: this.processor, memory: this.memory, spec });
    this.driver = new Driver({ sim: this.sim, processor: this.processor, controller: this.controller, spec: driver });
  }

  /** Run `steps` as a thread to its end. */
  run<T>(steps: Steps<T>): T {
    const thread = this.sim.spawn("test", steps);
    this.sim.run();
    return thread.result as T;
  }

  /** One transfer by the driver between the disk and fresh frames, put at `offset` in them. */
  *transfer(transfer: Transfer, bytes?: Uint8Array, offset = 0): Steps<{ bytes: Uint8Array; error: string | undefined }> {
    const length = transfer.sectors * 512;
    const frames = this.memory.allocateRun("test", Math.ceil((offset + length) / 4096))!;
    const memory = this.memory.view(frames[0]! * 4096 + offset, length);
    if (bytes !== undefined) memory.set(bytes);
    const ended = new WaitQueue(this.sim, "disk");
    let error: string | undefined;
    this.driver.strategy({ ...transfer, frames, offset, done: (e) => ((error = e), ended.wakeOne()) });
    yield* ended.wait();
    const moved = memory.slice();
    for (const frame of frames) this.memory.free(frame);
    return { bytes: moved, error };
  }

  /** When each of `transfers` ends, in ms: each begins when the one before has ended, or at the time given with it. */
  endings(transfers: (Transfer & { atMs?: number })[]): number[] {
    return this.run(this.#oneByOne(transfers));
  }

  *#oneByOne(transfers: (Transfer & { atMs?: number })[]): Steps<number[]> {
    const ends: number[] = [];
    for (const { atMs, ...transfer } of transfers) {
      if (atMs !== undefined) yield* this.sim.sleep(atMs * MS - this.sim.now);
      yield* this.transfer(transfer);
      ends.push(this.sim.now / MS);
    }
    return ends;
  }
}

export const read = (sector: number, sectors: number, atMs?: number) => ({ op: "read" as const, sector, sectors, ...(atMs === undefined ? {} : { atMs }) });
export const write = (sector: number, sectors: number, atMs?: number) => ({ op: "write" as const, sector, sectors, ...(atMs === undefined ? {} : { atMs }) });
