/**
 * The arm of one drive at work: where it is and until when it is occupied.
 *
 * Layer: hardware. The mechanics (disk.ts) are pure; this is the little that changes.
 * Times may lie in the future: a controller works out when a sector will pass, and
 * needs no event for it.
 */
import type { Simulation } from "../../engine/index.ts";
import { HOME } from "./disk.ts";
import type { Disk, DiskState } from "./disk.ts";

export class Arm implements DiskState {
  readonly disk: Disk;
  cylinder = HOME.cylinder;
  head = HOME.head;
  /** When the last move or sector ends, in ns. */
  freeNs = 0;
  /** Moves over one cylinder or more. */
  seeks = 0;
  readonly #sim: Simulation;

  constructor(sim: Simulation, disk: Disk) {
    this.#sim = sim;
    this.disk = disk;
  }

  /** Nothing new begins before `timeNs`. */
  hold(timeNs: number): void {
    if (this.freeNs < timeNs) this.freeNs = timeNs;
  }

  /** Go to the track of `sector` as soon as the arm is free. */
  moveTo(sector: number, write: boolean): void {
    const cylinder = this.disk.cylinderOf(sector);
    const head = this.disk.headOf(sector);
    const distance = Math.abs(cylinder - this.cylinder);
    if (distance > 0) this.seeks++;
    const moveNs = this.disk.moveNs(this, cylinder, head, write);
    if (moveNs > 0) this.#sim.probe?.busy(this, "disk arm", distance > 0 ? "seek" : "head switch", this.freeNs, this.freeNs + moveNs, distance);
    this.freeNs += moveNs;
    this.cylinder = cylinder;
    this.head = head;
  }

  /** When `sector`, which is on this track, begins to pass, if nothing is to begin before `readyNs`. */
  meets(sector: number, readyNs: number): number {
    const time = Math.max(this.freeNs, readyNs);
    return time + this.disk.untilSectorNs(this.cylinder, this.head, this.disk.onTrack(sector), time);
  }

  /** Go to `sector` and let it pass, not before `readyNs`; when it has passed. */
  pass(sector: number, write: boolean, readyNs: number): number {
    this.moveTo(sector, write);
    const meetsNs = this.meets(sector, readyNs);
    this.freeNs = meetsNs + this.disk.sectorNs;
    this.#sim.probe?.busy(this, "platter", write ? "write" : "read", meetsNs, this.freeNs, sector);
    return this.freeNs;
  }
}
