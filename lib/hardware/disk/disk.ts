/**
 * The mechanics of a disk drive: where sectors are, and how long it takes to get there.
 *
 * Layer: hardware, below the controller. Everything here is a pure function of
 * position and absolute time: the platter stands at angle 0 at time 0 and turns
 * for ever, so its angle is computed when needed and never accumulated. The missed
 * revolutions of section 5 come from here.
 */
import { checkSectors } from "./sectors.ts";
import { checkDiskSpec, seekMs } from "./spec.ts";
import type { DiskSpec } from "./spec.ts";

/** Where the heads are. */
export interface DiskState {
  readonly cylinder: number;
  readonly head: number;
}

/** `sectors` sectors from logical block number `lbn` on. */
export interface MediaRequest {
  readonly lbn: number;
  readonly sectors: number;
  readonly write: boolean;
}

/**
 * What one request took, in ns with fractions (a sector is not a whole number of
 * them); seek and rotation include those at track crossings inside the request.
 */
export interface Access {
  readonly seekNs: number;
  readonly rotationNs: number;
  readonly transferNs: number;
  readonly state: DiskState;
}

/** The head at cylinder 0 and head 0, as at time 0. */
export const HOME: DiskState = { cylinder: 0, head: 0 };

/**
 * A sector that began to pass this short a time ago is still caught: events happen
 * at whole ns, sectors begin between them.
 */
const TOLERANCE_NS = 2;

const NS_PER_MINUTE = 60e9;
const NS_PER_MS = 1e6;

export class Disk {
  readonly spec: DiskSpec;
  /** Sectors on the whole disk. */
  readonly sectors: number;
  readonly revolutionNs: number;
  /** Time for one sector to pass under the head. */
  readonly sectorNs: number;
  readonly #sectorsPerTrack: number;
  readonly #heads: number;
  readonly #trackSkew: number;
  readonly #cylinderStep: number; // sectors by which a cylinder is turned against the one before
  readonly #seekNs: Float64Array; // by distance in cylinders
  readonly #headSwitchNs: number;
  readonly #writeSettleNs: number;

  /** @throws InputError for a spec that describes no disk; `where` names its source. */
  constructor(spec: DiskSpec, where?: string) {
    this.spec = checkDiskSpec(spec, where);
    const { cylinders, heads, sectorsPerTrack, rpm, trackSkewSectors, cylinderSkewSectors } = this.spec;
    this.sectors = cylinders * heads * sectorsPerTrack;
    this.revolutionNs = NS_PER_MINUTE / rpm;
    this.sectorNs = this.revolutionNs / sectorsPerTrack;
    this.#sectorsPerTrack = sectorsPerTrack;
    this.#heads = heads;
    this.#trackSkew = trackSkewSectors % sectorsPerTrack;
    this.#cylinderStep = ((heads - 1) * trackSkewSectors + cylinderSkewSectors) % sectorsPerTrack;
    this.#seekNs = Float64Array.from({ length: cylinders }, (_, distance) => NS_PER_MS * seekMs(this.spec.seekMs, distance));
    this.#headSwitchNs = NS_PER_MS * this.spec.headSwitchMs;
    this.#writeSettleNs = NS_PER_MS * this.spec.writeSettleMs;
  }

  /** The cylinder that holds sector `lbn`. */
  cylinderOf(lbn: number): number {
    return Math.floor(lbn / (this.#sectorsPerTrack * this.#heads));
  }

  /** The head that reads sector `lbn`. */
  headOf(lbn: number): number {
    return Math.floor(lbn / this.#sectorsPerTrack) % this.#heads;
  }

  /** The place of sector `lbn` on its track, from 0. */
  onTrack(lbn: number): number {
    return lbn % this.#sectorsPerTrack;
  }

  /** The first sector of the track after that of `lbn`. */
  nextTrack(lbn: number): number {
    return lbn - this.onTrack(lbn) + this.#sectorsPerTrack;
  }

  /** Time to go from one track to another: arm and heads move at once, the longer counts. */
  moveNs(from: DiskState, cylinder: number, head: number, write: boolean): number {
    const distance = cylinder - from.cylinder;
    if (distance === 0 && head === from.head) return 0;
    const seek = this.#seekNs[distance < 0 ? -distance : distance]!;
    const move = head !== from.head && this.#headSwitchNs > seek ? this.#headSwitchNs : seek;
    return write ? move + this.#writeSettleNs : move;
  }

  /** Time from `timeNs` until sector `sector` of a track begins to pass; not less than -TOLERANCE_NS, less than a revolution. */
  untilSectorNs(cylinder: number, head: number, sector: number, timeNs: number): number {
    const slot = (cylinder * this.#cylinderStep + head * this.#trackSkew + sector) % this.#sectorsPerTrack;
    const turned = timeNs - Math.floor(timeNs / this.revolutionNs) * this.revolutionNs;
    const wait = slot * this.sectorNs - turned;
    return wait < -TOLERANCE_NS ? wait + this.revolutionNs : wait;
  }

  /**
   * What `request`, begun at `startNs` with the heads at `state`, takes.
   * Requests go on over the ends of tracks and cylinders.
   * @throws RangeError when it reaches beyond the disk.
   */
  access(state: DiskState, request: MediaRequest, startNs: number): Access {
    checkSectors(request.lbn, request.sectors, this.sectors);
    const perTrack = this.#sectorsPerTrack;
    let track = (request.lbn / perTrack) | 0;
    let sector = request.lbn - track * perTrack;
    let left = request.sectors;
    let at = state;
    let now = startNs;
    let seekNs = 0;
    let rotationNs = 0;
    for (;;) {
      const cylinder = (track / this.#heads) | 0;
      const head = track - cylinder * this.#heads;
      const move = this.moveNs(at, cylinder, head, request.write);
      const wait = this.untilSectorNs(cylinder, head, sector, now + move);
      const count = Math.min(left, perTrack - sector);
      seekNs += move;
      if (wait > 0) rotationNs += wait;
      now += move + wait + count * this.sectorNs;
      at = { cylinder, head };
      left -= count;
      if (left === 0) break;
      track++;
      sector = 0;
    }
    return { seekNs, rotationNs, transferNs: now - startNs - seekNs - rotationNs, state: at };
  }
}
