/**
 * Areas of memory, and the one way in which the nucleus copies between them.
 *
 * Layer: kernels/chorus. A window tells where a byte is in physical memory now, or
 * brings it in: page frames lent to a call, a stretch of an actor's address space,
 * and the pages of a segment (its local cache) are all windows. So sgRead, sgWrite
 * and the copies of messages are one loop.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { Counters } from "./counters.ts";
import { MapperError } from "./error.ts";

export type Access = "read" | "write";

/** The physical address of a byte that is not in memory, or not with the access asked for. */
export const ABSENT = -1;

export interface Window {
  /** Physical address of byte `at`, accessible as asked, or ABSENT. Asking for "write" makes the page dirty. */
  locate(at: number, access: Access): number;
  /** Take one step towards byte `at` being there; it may be gone again, so ask with locate until it is not ABSENT. */
  bringIn(at: number, access: Access): Steps;
}

/** A window of so many bytes, from 0 on. */
export interface Area extends Window {
  readonly bytes: number;
}

/** Page frames that stay where they are: buffers of supervisor actors, and pages on their way from or to a mapper. */
export class WiredArea implements Area {
  readonly frames: readonly Frame[];
  readonly offset: number;
  readonly bytes: number;

  /** `bytes` bytes from `offset` on in the row of `frames`. */
  constructor(frames: readonly Frame[], bytes = frames.length * PAGE_BYTES, offset = 0) {
    this.frames = frames;
    this.offset = offset;
    this.bytes = bytes;
  }

  locate(at: number): number {
    const place = this.offset + at;
    return this.frames[Math.floor(place / PAGE_BYTES)]! * PAGE_BYTES + (place % PAGE_BYTES);
  }

  *bringIn(): Steps {}
}

/** Where frames come from: the replacement of pages. */
export interface FrameSource {
  acquire(): Steps<Frame>;
  release(frame: Frame): void;
}

/** Page frames that are taken as they are touched, and stay until `release`. */
export class FramesOnDemand implements Area {
  readonly bytes: number;
  readonly #frames: Frame[] = [];
  readonly #source: FrameSource;

  constructor(bytes: number, source: FrameSource) {
    this.bytes = bytes;
    this.#source = source;
  }

  locate(at: number): number {
    const frame = this.#frames[Math.floor(at / PAGE_BYTES)];
    return frame === undefined ? ABSENT : frame * PAGE_BYTES + (at % PAGE_BYTES);
  }

  *bringIn(at: number): Steps {
    this.#frames[Math.floor(at / PAGE_BYTES)] = yield* this.#source.acquire();
  }

  /** Give the frames back. */
  release(): void {
    for (const frame of this.#frames.splice(0)) if (frame !== undefined) this.#source.release(frame);
  }
}

/** `bytes` bytes of `area` from `at` on. */
export class PartOfArea implements Area {
  readonly bytes: number;
  readonly #area: Window;
  readonly #at: number;

  constructor(area: Window, at: number, bytes: number) {
    this.#area = area;
    this.#at = at;
    this.bytes = bytes;
  }

  locate(at: number, access: Access): number {
    return this.#area.locate(this.#at + at, access);
  }

  bringIn(at: number, access: Access): Steps {
    return this.#area.bringIn(this.#at + at, access);
  }
}

/** What copying needs of the machine; see hardware/machine. */
export interface Copier {
  /** Copy `count` bytes between physical addresses and charge for it. */
  bcopy(from: number, to: number, count: number): void;
}

/**
 * Copy `count` bytes page by page; how many were copied. Both pages must be in memory at
 * once, and bringing one in can cost the other, so both are asked for until neither is absent.
 * @throws MapperError when the first page cannot be brought in; a later one ends the copy early.
 */
export function* copy(machine: Copier, counters: Counters, from: Window, fromAt: number, to: Window, toAt: number, count: number): Steps<number> {
  for (let done = 0; done < count; ) {
    const source = from.locate(fromAt + done, "read");
    const target = source === ABSENT ? ABSENT : to.locate(toAt + done, "write");
    if (target === ABSENT) {
      try {
        yield* source === ABSENT ? from.bringIn(fromAt + done, "read") : to.bringIn(toAt + done, "write");
      } catch (error) {
        if (done === 0 || !(error instanceof MapperError)) throw error;
        return done;
      }
      continue;
    }
    const length = Math.min(count - done, PAGE_BYTES - (source % PAGE_BYTES), PAGE_BYTES - (target % PAGE_BYTES));
    machine.bcopy(source, target, length);
    counters.copies++;
    counters.copiedBytes += length;
    done += length;
  }
  return count;
}
