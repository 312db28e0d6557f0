/**
 * A disk controller of the WD1007 family, with the drive it runs.
 *
 * Layer: hardware. One command at a time, of 1 to 256 sectors, over the ends of
 * tracks and cylinders. The processor moves each sector itself (programmed I/O)
 * when the controller interrupts for it: a read interrupts when a sector is in the
 * controller's buffer, a write when there is room for one, and when all is on the
 * media. Section 5 measured two systems of this kind.
 */
import { z } from "zod";
import { ResourceStatistics, usToNs } from "../engine/index.ts";
import type { Occurrence, Simulation } from "../engine/index.ts";
import { check } from "../schema/index.ts";
import { Arm } from "./disk/arm.ts";
import { Disk } from "./disk/disk.ts";
import { lookAheadSpec, SectorBuffer } from "./disk/sector-buffer.ts";
import { SectorStore } from "./disk/sector-store.ts";
import { checkSectors, SECTOR_BYTES } from "./disk/sectors.ts";
import { diskSpec } from "./disk/spec.ts";
import { PAGE_BYTES } from "./memory.ts";
import type { Frame, Memory } from "./memory.ts";
import type { Processor } from "./processor.ts";

/** The most sectors that one command moves. */
export const MAX_COMMAND_SECTORS = 256;

const us = z.number().nonnegative();

export const controllerSpec = z.strictObject({
  disk: diskSpec.extend({ sectorBytes: z.int().min(SECTOR_BYTES).max(SECTOR_BYTES) }),
  /** From a command to the search for its first sector. */
  commandUs: us,
  /** The processor's time to move a sector between buffer and memory. */
  pioSectorUs: us,
  /** The controller's own time before each interrupt. */
  sectorOverheadUs: us,
  /** The processor's time to enter, handle and leave an interrupt. */
  interruptUs: us,
  bufferSectors: z.int().min(1),
  lookAhead: lookAheadSpec,
  /** Sectors that cannot be read or written. */
  faults: z.array(z.strictObject({ sector: z.int().nonnegative(), op: z.enum(["read", "write"]) })).default([]),
});

export type ControllerSpec = z.input<typeof controllerSpec>;

/**
 * A transfer between sectors and page frames. Sector i of it lies at byte
 * `offset` + 512 i of the concatenation of `frames`; `offset` is a multiple of 512.
 */
export interface DiskRequest {
  readonly op: "read" | "write";
  readonly sector: number;
  readonly sectors: number;
  readonly frames: readonly Frame[];
  readonly offset: number;
  /** Called in the interrupt that ends the transfer, with EIO if a sector failed. */
  readonly done: (error?: "EIO") => void;
}

export interface ControllerOptions {
  sim: Simulation;
  processor: Processor;
  memory: Memory;
  spec: ControllerSpec;
}

export class Controller {
  readonly disk: Disk;
  /** What is on the platter. */
  readonly store: SectorStore;
  readonly arm: Arm;
  readonly buffer: SectorBuffer;
  /** Commands, and the time from their issue to their last interrupt. */
  readonly statistics = new ResourceStatistics();
  /** Sectors moved to or from memory. */
  sectorsMoved = 0;
  readonly #sim: Simulation;
  readonly #processor: Processor;
  readonly #memory: Memory;
  readonly #commandNs: number;
  readonly #overheadNs: number;
  /** What handing each interrupt to its driver takes, where that is not in the kernel. */
  deliveryNs = 0;
  readonly #interruptNs: number;
  readonly #pioNs: number;
  readonly #writtenNs: Float64Array; // when the media have a sector of the present write, by place in the buffer
  readonly #faults: { readonly read: ReadonlySet<number>; readonly write: ReadonlySet<number> };
  #command: DiskRequest | undefined = undefined;
  #issuedNs = 0;
  #moved = 0; // sectors of the command
  #error: "EIO" | undefined = undefined;

  /** @throws InputError for a spec that describes no controller. */
  constructor({ sim, processor, memory, spec }: ControllerOptions) {
    const checked = check(controllerSpec, spec, "controller");
    this.#sim = sim;
    this.#processor = processor;
    this.#memory = memory;
    this.disk = new Disk(checked.disk);
    this.store = new SectorStore(this.disk.sectors);
    this.arm = new Arm(sim, this.disk);
    this.buffer = new SectorBuffer(this.arm, checked.bufferSectors, checked.lookAhead);
    this.#commandNs = usToNs(checked.commandUs);
    this.#overheadNs = usToNs(checked.sectorOverheadUs);
    this.#interruptNs = usToNs(checked.interruptUs);
    this.#pioNs = usToNs(checked.pioSectorUs);
    this.#writtenNs = new Float64Array(checked.bufferSectors);
    for (const fault of checked.faults) checkSectors(fault.sector, 1, this.disk.sectors);
    const faulty = (op: "read" | "write") => new Set(checked.faults.filter((fault) => fault.op === op).map((fault) => fault.sector));
    this.#faults = { read: faulty("read"), write: faulty("write") };
  }

  /** Whether a command is under way. */
  get busy(): boolean {
    return this.#command !== undefined;
  }

  /**
   * Begin `command`; its `done` tells the end.
   * @throws Error while another is under way; RangeError for sectors or frames that do not exist.
   */
  issue(command: DiskRequest): void {
    if (this.#command !== undefined) throw new Error("controller: a command is issued while another is under way");
    if (command.sectors > MAX_COMMAND_SECTORS) {
      throw new RangeError(`controller: a command of ${command.sectors} sectors; allowed are 1 to ${MAX_COMMAND_SECTORS}`);
    }
    checkRequest(command, this.disk.sectors);
    this.#command = command;
    this.#issuedNs = this.#sim.now;
    this.#moved = 0;
    this.#error = undefined;
    this.statistics.requests++;
    this.statistics.begin(this.#sim.now);
    const searchNs = this.#sim.now + this.#commandNs;
    if (command.op === "read") {
      this.buffer.request(command.sector, command.sectors, searchNs);
      this.#awaitSector(searchNs);
    } else {
      this.buffer.clear(searchNs);
      this.#sim.schedule(searchNs, this.#firstRoom);
    }
  }

  // A read: sector in buffer, interrupt, move it, and again.

  #awaitSector(nowNs: number): void {
    const sector = this.#command!.sector + this.#moved;
    const time = Math.max(nowNs, Math.ceil(this.buffer.arrival(sector)));
    const failed = this.#faults.read.has(sector);
    this.#sim.schedule(time + this.#overheadNs, failed ? this.#failed : this.#sectorReady);
  }

  readonly #sectorReady: Occurrence = {
    happen: () => this.#processor.interrupt("disk", this.#interruptNs + this.deliveryNs + this.#pioNs, this.#moveIn),
  };

  readonly #moveIn = (): void => {
    const command = this.#command!;
    const sector = command.sector + this.#moved;
    const address = this.#address();
    this.#memory.bytes.set(this.store.read(sector), address);
    this.#sim.probe?.move("sector in", sector, address, SECTOR_BYTES, this.#pioNs);
    this.buffer.taken(sector, this.#sim.now);
    this.#count();
    if (this.#moved === command.sectors) this.#end();
    else this.#awaitSector(this.#sim.now);
  };

  // A write: room in buffer, interrupt, move a sector there; the last interrupt when the media have them all.

  /** There is room at once: the driver moves the first sector without being interrupted for it. */
  readonly #firstRoom: Occurrence = { happen: () => this.#processor.interrupt("disk start", this.#pioNs, this.#moveOut) };

  readonly #roomReady: Occurrence = {
    happen: () => this.#processor.interrupt("disk", this.#interruptNs + this.deliveryNs + this.#pioNs, this.#moveOut),
  };

  readonly #moveOut = (): void => {
    const command = this.#command!;
    const sector = command.sector + this.#moved;
    const place = this.#moved % this.#writtenNs.length;
    const writtenNs = (this.#writtenNs[place] = this.arm.pass(sector, true, this.#sim.now));
    if (this.#faults.write.has(sector)) return this.#sim.schedule(Math.ceil(writtenNs) + this.#overheadNs, this.#failed);
    const address = this.#address();
    this.store.write(sector, this.#memory.view(address, SECTOR_BYTES));
    this.#sim.probe?.move("sector out", address, sector, SECTOR_BYTES, this.#pioNs);
    this.#count();
    if (this.#moved === command.sectors) this.#sim.schedule(Math.ceil(writtenNs) + this.#overheadNs, this.#allWritten);
    else this.#sim.schedule(this.#roomNs() + this.#overheadNs, this.#roomReady);
  };

  /** When there is room for the next sector of the write. */
  #roomNs(): number {
    const capacity = this.#writtenNs.length;
    if (this.#moved < capacity) return this.#sim.now;
    return Math.max(this.#sim.now, Math.ceil(this.#writtenNs[this.#moved % capacity]!));
  }

  readonly #allWritten: Occurrence = { happen: () => this.#processor.interrupt("disk", this.#interruptNs + this.deliveryNs, this.#end) };

  readonly #failed: Occurrence = {
    happen: () => {
      this.#error = "EIO";
      this.buffer.clear(this.#sim.now);
      this.#processor.interrupt("disk", this.#interruptNs + this.deliveryNs, this.#end);
    },
  };

  readonly #end = (): void => {
    const command = this.#command!;
    this.#command = undefined;
    this.statistics.end(this.#sim.now);
    this.#sim.probe?.busy(this, "controller", `${command.op} command`, this.#issuedNs, this.#sim.now, command.sectors);
    command.done(this.#error);
  };

  /** Physical address of the sector of the command that is to be moved. */
  #address(): number {
    const byte = this.#command!.offset + this.#moved * SECTOR_BYTES;
    return this.#command!.frames[Math.floor(byte / PAGE_BYTES)]! * PAGE_BYTES + (byte % PAGE_BYTES);
  }

  #count(): void {
    this.#moved++;
    this.sectorsMoved++;
  }
}

/** @throws RangeError for a request with sectors or memory that do not exist. */
export function checkRequest(request: DiskRequest, totalSectors: number): void {
  checkSectors(request.sector, request.sectors, totalSectors);
  const { offset, frames } = request;
  if (!Number.isInteger(offset) || offset < 0 || offset % SECTOR_BYTES !== 0) {
    throw new RangeError(`disk: byte offset ${offset} in memory; allowed are multiples of ${SECTOR_BYTES}`);
  }
  const bytes = frames.length * PAGE_BYTES - offset;
  if (bytes < request.sectors * SECTOR_BYTES) {
    throw new RangeError(`disk: ${request.sectors} sectors do not fit into the ${bytes} bytes of memory given`);
  }
}
