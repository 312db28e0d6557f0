/**
 * The default mapper: swap space for temporary segments, section 3.2.1.
 *
 * Layer: servers/mix; part of the Object Manager. Swap space is a row of pages at the
 * end of the disk; a page gets its place when it is first pushed out.
 */
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MapperError } from "../../kernels/chorus/index.ts";
import type { Area, Grant, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import { transfer } from "../../unix/transfer.ts";
import { framesOf } from "./disk.ts";

/** Keys of temporary segments begin here; files' keys are smaller. */
export const SWAP_KEYS = 2 ** 52;

const PAGE_SECTORS = PAGE_BYTES / SECTOR_BYTES;

export class SwapMapper {
  readonly #nucleus: Nucleus;
  readonly #device: BlockDevice;
  readonly #firstSector: number;
  readonly #free: number[];
  readonly #segments = new Map<number, Map<number, number>>(); // place by page, by key
  #nextKey = SWAP_KEYS;

  /** Swap space of `pages` pages from `firstSector` on. */
  constructor(nucleus: Nucleus, device: BlockDevice, firstSector: number, pages: number) {
    this.#nucleus = nucleus;
    this.#device = device;
    this.#firstSector = firstSector;
    this.#free = Array.from({ length: pages }, (_, i) => pages - 1 - i);
  }

  /** Places that are free. */
  get freePages(): number {
    return this.#free.length;
  }

  *create(): Steps<number> {
    this.#segments.set(this.#nextKey, new Map());
    return this.#nextKey++;
  }

  *release(key: number): Steps {
    this.#free.push(...this.#segments.get(key)!.values());
    this.#segments.delete(key);
  }

  *pullIn({ key, offset }: PageRequest, page: Area): Steps<Grant> {
    const place = this.#segments.get(key)!.get(offset / PAGE_BYTES);
    if (place === undefined) this.#nucleus.machine.bzero(page.locate(0, "write"), PAGE_BYTES);
    else yield* this.#move("read", place, page);
    return { access: "write", sequence: 0 };
  }

  *pushOut({ key, offset }: PageRequest, page: Area): Steps<boolean> {
    const places = this.#segments.get(key)!;
    let place = places.get(offset / PAGE_BYTES);
    if (place === undefined) {
      place = this.#free.pop();
      if (place === undefined) throw new MapperError(new UnixError("ENOSPC").errno);
      places.set(offset / PAGE_BYTES, place);
    }
    yield* this.#move("write", place, page);
    return true;
  }

  *#move(op: "read" | "write", place: number, page: Area): Steps {
    try {
      yield* transfer(this.#nucleus.machine.sim, this.#device, { op, sector: this.#firstSector + place * PAGE_SECTORS, sectors: PAGE_SECTORS, ...framesOf(page) });
    } catch (error) {
      if (error instanceof UnixError) throw new MapperError(error.errno);
      throw error;
    }
  }
}
