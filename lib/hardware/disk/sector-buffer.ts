/**
 * The controller's sector buffer for reads, and the media that fill it.
 *
 * Layer: hardware. The media go on from the sector that a command asked for: to the
 * command's end, and with look-ahead further, so that the next command of a
 * sequential read finds its sectors here (Table 5-7: "the controller has an internal
 * cache"). When a sector arrives is worked out from the geometry when somebody asks.
 * A command for other sectors ends the look-ahead; the sector then under the head is
 * read to its end, a move to the next track is completed.
 *
 * The buffer is a ring: sector k takes the place of sector k - B. A command longer
 * than the buffer can therefore stall: sector k waits until the host has taken
 * sector k - B, and if it has passed meanwhile, it comes round a revolution later.
 */
import { z } from "zod";
import type { Arm } from "./arm.ts";

export const lookAheadSpec = z.strictObject({
  /**
   * none: the media stop at the end of the command, and nothing is kept.
   * fill: they go on until the buffer is full, counted from the command that started them; what hits does not start them again.
   * stream: each command that hits lets them go on, until the buffer is full counted from that command; it hits
   * what is in, and what the media have still to read on the track that they are on. For a track further on the
   * arm is sent there at once.
   */
  policy: z.enum(["none", "fill", "stream"]),
  /** Whether look-ahead goes on to the next track. */
  crossTracks: z.boolean(),
});

export type LookAheadSpec = z.output<typeof lookAheadSpec>;

export class SectorBuffer {
  /** Commands whose first sector was here or on its way. */
  hits = 0;
  misses = 0;
  readonly #arm: Arm;
  readonly #capacity: number;
  readonly #spec: LookAheadSpec;
  // The media have read sectors origin to next - 1 in one go, and go on until limit.
  #origin = 0;
  #next = 0;
  #limit = 0;
  #first = 0; // of the present command
  readonly #takenNs: Float64Array; // when the host took a sector of the present command, by place in the ring

  constructor(arm: Arm, capacity: number, spec: LookAheadSpec) {
    this.#arm = arm;
    this.#capacity = capacity;
    this.#spec = spec;
    this.#takenNs = new Float64Array(capacity);
  }

  /** A command for `sectors` sectors from `first` on takes effect at `nowNs`: the media go on, or start anew. */
  request(first: number, sectors: number, nowNs: number): void {
    this.#advance(nowNs);
    this.#arm.hold(nowNs);
    this.#first = first;
    const hit = this.#holds(first, first + sectors);
    if (hit) this.hits++;
    else {
      this.misses++;
      this.#origin = this.#next = first;
    }
    if (!hit || this.#spec.policy === "stream") this.#limit = this.#goal(first, first + sectors);
  }

  /** When `sector`, the next one that the host takes, is in the buffer. */
  arrival(sector: number): number {
    while (this.#next <= sector) this.#read();
    return sector === this.#next - 1 ? this.#arm.freeNs : 0; // an earlier one was in before that began to pass
  }

  /** The host has taken `sector` at `nowNs`. */
  taken(sector: number, nowNs: number): void {
    this.#takenNs[(sector - this.#first) % this.#capacity] = nowNs;
  }

  /** From `nowNs` on the buffer serves a write: the media stop, and nothing is kept. */
  clear(nowNs: number): void {
    this.#advance(nowNs);
    this.#arm.hold(nowNs);
    this.#origin = this.#limit = this.#next;
  }

  #holds(first: number, end: number): boolean {
    if (first < Math.max(this.#origin, this.#next - this.#capacity)) return false;
    switch (this.#spec.policy) {
      case "none":
        return false;
      case "fill":
        return end <= this.#limit;
      case "stream":
        return first < Math.min(this.#limit, this.#arm.disk.nextTrack(this.#next));
    }
  }

  /** Where the media stop that serve a command for sectors `first` to `end` - 1. */
  #goal(first: number, end: number): number {
    if (this.#spec.policy === "none") return end;
    const disk = this.#arm.disk;
    const last = this.#spec.crossTracks ? disk.sectors : disk.nextTrack(end - 1);
    return Math.max(end, Math.min(first + this.#capacity, last));
  }

  /** Let look-ahead go on to `nowNs`: read what has begun to pass by then. */
  #advance(nowNs: number): void {
    while (this.#next < this.#limit && this.#arm.freeNs <= nowNs) {
      this.#arm.moveTo(this.#next, false);
      if (this.#arm.meets(this.#next, 0) > nowNs) return;
      this.#read();
    }
  }

  #read(): void {
    const index = this.#next - this.#first;
    const roomNs = index < this.#capacity ? 0 : this.#takenNs[index % this.#capacity]!;
    this.#arm.pass(this.#next, false, roomNs);
    this.#next++;
  }
}
