/**
 * The disk driver: a queue of requests before one controller.
 *
 * Layer: hardware. As in 4.3BSD the queue is sorted by cylinder into a one-way
 * elevator (disksort), and the next command is issued from the interrupt that ends
 * the one before. A transfer limit turns a longer request into a train of commands,
 * which is how Mach 2.6 reads raw partitions 4096 bytes at a time (Table 5-6).
 */
import { z } from "zod";
import { ResourceStatistics, usToNs } from "../engine/index.ts";
import type { Simulation } from "../engine/index.ts";
import { check } from "../schema/index.ts";
import { checkRequest, MAX_COMMAND_SECTORS } from "./controller.ts";
import type { Controller, DiskRequest } from "./controller.ts";
import { SECTOR_BYTES } from "./disk/sectors.ts";
import type { Processor } from "./processor.ts";

export const driverSpec = z.strictObject({
  /** The processor's time to start a command. */
  startUs: z.number().nonnegative(),
  /** The most sectors that one command moves. */
  maxTransferSectors: z.int().min(1).max(MAX_COMMAND_SECTORS).default(MAX_COMMAND_SECTORS),
});

export type DriverSpec = z.input<typeof driverSpec>;

export interface DriverOptions {
  sim: Simulation;
  processor: Processor;
  controller: Controller;
  spec: DriverSpec;
}

interface Queued {
  readonly request: DiskRequest;
  readonly cylinder: number;
  readonly sinceNs: number;
}

export class Driver {
  /** Sectors on the disk. */
  readonly sectors: number;
  readonly controller: Controller;
  /** Requests, how long they waited in the queue, and the time that there was one to serve. */
  readonly statistics = new ResourceStatistics();
  readonly #sim: Simulation;
  readonly #processor: Processor;
  readonly #startNs: number;
  readonly #maxTransferSectors: number;
  #active: Queued | undefined = undefined;
  #left = 0; // sectors of the active request that no command has moved yet
  readonly #queue: Queued[] = []; // in the order of service

  /** @throws InputError for a spec that describes no driver. */
  constructor({ sim, processor, controller, spec }: DriverOptions) {
    const checked = check(driverSpec, spec, "disk driver");
    this.#sim = sim;
    this.#processor = processor;
    this.controller = controller;
    this.sectors = controller.disk.sectors;
    this.#startNs = usToNs(checked.startUs);
    this.#maxTransferSectors = checked.maxTransferSectors;
  }

  /** Requests that wait behind the active one. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /**
   * Take `request`; its `done` is called in the interrupt that ends it.
   * @throws RangeError for sectors or frames that do not exist.
   */
  strategy(request: DiskRequest): void {
    checkRequest(request, this.sectors);
    this.statistics.requests++;
    this.#sim.probe?.depart(request, `disk ${request.op}`);
    const queued = { request, cylinder: this.controller.disk.cylinderOf(request.sector), sinceNs: this.#sim.now };
    if (this.#active === undefined) {
      this.statistics.begin(this.#sim.now);
      this.#activate(queued);
    } else {
      this.#insert(queued);
      this.statistics.queued(this.#queue.length);
    }
  }

  /** Sort `queued` in: first those ahead of the active request, then, on the next sweep, those behind it; equals as they came. */
  #insert(queued: Queued): void {
    const arm = this.#active!.cylinder;
    let place = this.#queue.length;
    while (place > 0 && comesBefore(queued, this.#queue[place - 1]!, arm)) place--;
    this.#queue.splice(place, 0, queued);
  }

  #activate(queued: Queued): void {
    this.#active = queued;
    this.#left = queued.request.sectors;
    this.#start();
  }

  /** Start the next command of the active request; the work is done at interrupt level, whoever runs. */
  #start(): void {
    this.#processor.interrupt("disk start", this.#startNs, this.#issue);
  }

  readonly #issue = (): void => {
    const { op, sector, sectors, frames, offset } = this.#active!.request;
    const moved = sectors - this.#left;
    this.controller.issue({
      op,
      sector: sector + moved,
      sectors: Math.min(this.#left, this.#maxTransferSectors),
      frames,
      offset: offset + moved * SECTOR_BYTES,
      done: this.#completed,
    });
  };

  readonly #completed = (error?: "EIO"): void => {
    this.#left -= Math.min(this.#left, this.#maxTransferSectors);
    if (error === undefined && this.#left > 0) return this.#start();
    const { request } = this.#active!;
    this.#sim.probe?.arrive(request);
    this.#next();
    request.done(error);
  };

  /** Go on with the queue. */
  #next(): void {
    this.#active = undefined;
    const queued = this.#queue.shift();
    if (queued === undefined) return this.statistics.end(this.#sim.now);
    this.statistics.waited(this.#sim.now - queued.sinceNs);
    this.#activate(queued);
  }
}

/** Whether `a` is served before `b` when the arm is at cylinder `arm` and sweeps upwards. */
function comesBefore(a: Queued, b: Queued, arm: number): boolean {
  const aBehind = a.cylinder < arm;
  const bBehind = b.cylinder < arm;
  if (aBehind !== bBehind) return bBehind;
  return a.cylinder < b.cylinder;
}
