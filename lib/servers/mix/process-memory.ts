/**
 * The memory of processes, through which read() and write() pass data.
 *
 * Layer: servers/mix. Nobody gets memory that swap space could not hold, so a page of a
 * process always has a place: a process that asks for more gets ENOMEM when it asks.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { UserArea } from "../../kernels/chorus/index.ts";
import type { Access, Actor, Area, Nucleus, Region } from "../../kernels/chorus/index.ts";

const ADDRESS = 0x0100_0000;

/** What all processes of a site may have together. */
export class SwapAccount {
  /** Pages of swap space that nobody has been promised yet. */
  freePages: number;

  constructor(pages: number) {
    this.freePages = pages;
  }
}

/** The memory of one process: regions one after the other, made as it grows. */
export class ProcessMemory {
  readonly #nucleus: Nucleus;
  readonly #actor: Actor;
  readonly #account: SwapAccount;
  readonly #regions: Region[] = [];
  #bytes = 0;
  #kept = 0; // regions that were there, or needed, when memory was lent last

  constructor(nucleus: Nucleus, actor: Actor, account: SwapAccount) {
    this.#nucleus = nucleus;
    this.#actor = actor;
    this.#account = account;
  }

  /** Let there be at least `bytes` bytes. @throws UnixError ENOMEM; nothing has changed then. */
  grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.#bytes) / PAGE_BYTES);
    if (pages <= 0) return;
    if (pages > this.#account.freePages) throw new UnixError("ENOMEM");
    this.#account.freePages -= pages;
    this.#regions.push(this.#nucleus.memory.rgnAllocate(this.#actor, ADDRESS + this.#bytes, pages * PAGE_BYTES));
    this.#bytes += pages * PAGE_BYTES;
  }

  /**
   * The first `bytes` bytes, for a call to fill. Where memory is too short for so many, there is as much
   * as is touched, until `takeBack`: a count larger than memory is no harm where there is less to read.
   */
  lend(bytes: number): Area {
    if (bytes <= this.#bytes + this.#account.freePages * PAGE_BYTES) this.grow(bytes);
    this.#kept = this.#regions.length;
    if (bytes <= this.#bytes) return this.#nucleus.memory.area(this.#actor, ADDRESS, bytes);
    return new GrowingArea(this, this.#actor, bytes);
  }

  /** There is memory only because it was lent: `takeBack` frees it. */
  get lent(): boolean {
    return this.#regions.length > this.#kept;
  }

  takeBack(): Steps {
    return this.#free(this.#kept);
  }

  /** The program puts `bytes` at the start of its memory. @throws UnixError ENOMEM */
  *fill(bytes: Uint8Array): Steps<Area> {
    this.grow(bytes.length);
    yield* this.#nucleus.memory.store(this.#actor, ADDRESS, bytes);
    return this.#nucleus.memory.area(this.#actor, ADDRESS, bytes.length);
  }

  /** The first `count` bytes, a copy for the program to keep. */
  take(count: number): Steps<Uint8Array> {
    return this.#nucleus.memory.load(this.#actor, ADDRESS, count);
  }

  /** The process has ended. */
  free(): Steps {
    return this.#free(0);
  }

  /** Free all regions but the first `kept`. */
  *#free(kept: number): Steps {
    for (const region of this.#regions.splice(kept)) {
      yield* this.#nucleus.memory.rgnFree(this.#actor, region);
      this.#bytes -= region.bytes;
      this.#account.freePages += region.bytes / PAGE_BYTES;
    }
  }
}

/** The start of a process's memory, which grows by what is touched. */
export class GrowingArea extends UserArea {
  readonly #memory: ProcessMemory;

  constructor(memory: ProcessMemory, actor: Actor, bytes: number) {
    super(actor.space, ADDRESS, bytes);
    this.#memory = memory;
  }

  /** Let the first `bytes` bytes be there. @throws UnixError ENOMEM */
  reserve(bytes: number): void {
    this.#memory.grow(bytes);
  }

  override bringIn(at: number, access: Access): Steps {
    this.reserve(at + 1);
    return super.bringIn(at, access);
  }
}
