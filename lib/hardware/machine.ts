/**
 * A machine: processor, memory, cache and a controller with its disk.
 *
 * Layer: hardware; the HP Vectra and the Compaq Deskpro of section 5. Copies are
 * made here, because what they cost is the machine's affair: Table 5-1.
 */
import { msToNs, NOWHERE, usToNs } from "../engine/index.ts";
import type { Simulation } from "../engine/index.ts";
import { Cache, LINE_BYTES } from "./cache.ts";
import { Controller } from "./controller.ts";
import { Driver } from "./driver.ts";
import type { MachineSpec } from "./machine-file.ts";
import { Memory, PAGE_BYTES } from "./memory.ts";
import { Processor } from "./processor.ts";

const MB = 1024 * 1024;

/** What a machine has done, counted since it was built. */
export interface MachineCounts {
  /** Time in which the processor had something to do, interrupts included, in µs. */
  processorUs: number;
  /** Times that the processor went from one thread to another. */
  threadSwitches: number;
  /** Copies from one place in memory to another, their bytes, and the processor's time that they took. */
  copies: number;
  copiedBytes: number;
  copyingUs: number;
  /** Interrupts served, and commands given to the disk's controller. */
  interrupts: number;
  diskRequests: number;
}

export class Machine {
  readonly sim: Simulation;
  readonly spec: MachineSpec;
  readonly processor: Processor;
  readonly memory: Memory;
  readonly cache: Cache;
  readonly controller: Controller;
  /** Bytes copied by bcopy, and how often it was called. */
  copiedBytes = 0;
  copies = 0;
  /** What these copies took. */
  copyingNs = 0;
  readonly #hitNs: number; // for a byte whose line is in the cache
  readonly #missNs: number; // for a line that is not, more than if it were
  readonly #zeroNs: number; // for a byte
  readonly #halfCachedNs: number; // for a byte of a copy that a trace calls neither cached nor uncached

  /** The first clock tick comes at a phase drawn from the simulation's seed. */
  constructor(sim: Simulation, spec: MachineSpec) {
    this.sim = sim;
    this.spec = spec;
    const { processor, memory, cache, disk } = spec;
    const { lookAhead, lookAheadCrossesTracks, interruptUs, ...controller } = spec.controller;
    const tickNs = 1e9 / processor.tickHz;
    this.processor = new Processor(sim, {
      tickNs,
      tickCostNs: usToNs(processor.tickUs / processor.speed),
      firstTickNs: Math.round(tickNs * sim.stream("clock").uniform()),
      quantumTicks: Math.max(1, Math.round(msToNs(processor.quantumMs) / tickNs)),
    });
    this.memory = new Memory(memory.sizeMB * MB);
    this.cache = new Cache(cache.sizeKB * 1024);
    const { seekStartMs, seekRootMs, seekKneeCylinders, seekSlopeMs, ...geometry } = disk;
    const kneeMs = seekStartMs + seekRootMs * Math.sqrt(seekKneeCylinders);
    const seekMs = { a: seekStartMs, b: seekRootMs, knee: seekKneeCylinders, e: seekSlopeMs, c: kneeMs - seekSlopeMs * seekKneeCylinders };
    this.controller = new Controller({
      sim,
      processor: this.processor,
      memory: this.memory,
      spec: { disk: { sectorBytes: 512, seekMs, ...geometry }, ...controller, interruptUs: interruptUs / processor.speed, lookAhead: { policy: lookAhead, crossTracks: lookAheadCrossesTracks } },
    });
    this.#hitNs = this.busNs(cache.copyCachedUs) / PAGE_BYTES;
    this.#missNs = (this.busNs(cache.copyUncachedUs - cache.copyCachedUs) / PAGE_BYTES) * LINE_BYTES;
    this.#halfCachedNs = this.#hitNs + this.#missNs / LINE_BYTES / 2;
    this.#zeroNs = this.busNs(cache.zeroFillUs) / PAGE_BYTES;
  }

  /** The time in ns, on this processor, of code that took `us` when it was measured. */
  netNs(us: number): number {
    return this.busNs(us) / this.spec.processor.speed;
  }

  /**
   * The time in ns of a transfer over memory or bus, which a faster processor does not
   * shorten, that took `us` when it was measured on a running system: the clock interrupts
   * that the measurement contained are taken out, because here they come on their own.
   */
  busNs(us: number): number {
    const { tickUs, tickHz } = this.spec.processor;
    return us * 1000 * (1 - (tickUs * tickHz) / 1e6);
  }

  /** A driver of the disk that takes `startUs` to start a command. */
  driver(startUs: number): Driver {
    const { sim, processor, controller } = this;
    return new Driver({ sim, processor, controller, spec: { startUs: startUs / this.spec.processor.speed } });
  }

  counts(): MachineCounts {
    const { processor, controller, copies, copiedBytes } = this;
    let interrupts = 0;
    for (const count of processor.interrupts.values()) interrupts += count;
    return {
      processorUs: processor.statistics.busyUntil(this.sim.now) / 1000, threadSwitches: processor.switches, copies, copiedBytes, copyingUs: this.copyingNs / 1000,
      interrupts, diskRequests: controller.statistics.requests,
    };
  }

  /** Copy `count` bytes between physical addresses and charge what it takes, by what of the source is in the cache. */
  bcopy(from: number, to: number, count: number): void {
    this.memory.bytes.copyWithin(to, from, from + count);
    this.copies++;
    this.copiedBytes += count;
    const ns = this.copyNs(from, count);
    this.copyingNs += ns;
    this.sim.probe?.move("copy", from, to, count, ns);
    this.processor.charge(ns, ns > count * this.#halfCachedNs ? "Bcopy Uncached" : "Bcopy Cached");
  }

  /** What reading `count` bytes at the physical address `from` in order to copy them takes, in ns; they are in the cache afterwards. */
  copyNs(from: number, count: number): number {
    return Math.round(count * this.#hitNs + this.cache.read(from, count) * this.#missNs);
  }

  /**
   * Run through `count` bytes of code and data at a physical address, and charge what of
   * them has to be loaded into the cache; what it takes when all are there is the code's cost.
   */
  runThrough(address: number, count: number): void {
    const misses = this.cache.read(address, count);
    if (misses > 0) this.processor.charge(Math.round(misses * this.#missNs), "code and data loaded into the cache");
  }

  /** Fill `count` bytes at a physical address with zeros and charge what it takes. */
  bzero(address: number, count: number): void {
    this.memory.bytes.fill(0, address, address + count);
    const ns = Math.round(count * this.#zeroNs);
    this.sim.probe?.move("zero", NOWHERE, address, count, ns);
    this.processor.charge(ns, "Zero fill");
  }
}
