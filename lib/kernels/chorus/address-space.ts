/**
 * Address spaces: regions that map segments, and the translations that faults enter.
 *
 * Layer: kernels/chorus; section 2. A region maps part of a segment through its
 * local cache, so what an actor loads and stores is what sgRead and sgWrite see:
 * the very same page frames.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { ABSENT } from "./area.ts";
import type { Access, Area } from "./area.ts";
import { NucleusError } from "./error.ts";
import type { LocalCache, Page } from "./local-cache.ts";

/** `bytes` bytes of an address space from `address` on, which show a segment from `offset` on; all three whole pages. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
  readonly cache: LocalCache;
  readonly offset: number;
  readonly access: Access;
}

interface Translation {
  readonly page: Page;
  writable: boolean;
}

export class AddressSpace {
  readonly regions: Region[] = [];
  readonly #translations = new Map<number, Translation>();
  readonly #fault: (space: AddressSpace, address: number, access: Access) => Steps;

  /** `fault` resolves page faults. */
  constructor(fault: (space: AddressSpace, address: number, access: Access) => Steps) {
    this.#fault = fault;
  }

  /** Physical address of the byte at `address` if the hardware can reach it without a fault, else ABSENT. */
  locate(address: number, access: Access): number {
    const translation = this.#translations.get(Math.floor(address / PAGE_BYTES));
    if (translation === undefined) return ABSENT;
    if (access === "write") {
      if (!translation.writable) return ABSENT;
      translation.page.dirty = true;
    }
    translation.page.referenced = true;
    return translation.page.frame * PAGE_BYTES + (address % PAGE_BYTES);
  }

  /** Take the fault of an access at `address`. */
  bringIn(address: number, access: Access): Steps {
    return this.#fault(this, address, access);
  }

  /** The region around `address` that allows the access. @throws NucleusError badAddress. */
  region(address: number, access: Access): Region {
    const region = this.regions.find((one) => address >= one.address && address < one.address + one.bytes);
    if (region === undefined) throw new NucleusError("badAddress", `no region at address ${address}`);
    if (access === "write" && region.access === "read") throw new NucleusError("badAddress", `the region at address ${address} is read-only`);
    return region;
  }

  /** Translate the page around `address` to `page` from now on. */
  enter(address: number, page: Page, writable: boolean): void {
    const virtualPage = Math.floor(address / PAGE_BYTES);
    const translation = this.#translations.get(virtualPage);
    if (translation?.page === page) {
      translation.writable = writable;
      return;
    }
    this.#translations.set(virtualPage, { page, writable });
    page.mappings.push({ space: this, virtualPage });
  }

  /** Forget the translation of `virtualPage`. */
  remove(virtualPage: number): void {
    this.#translations.delete(virtualPage);
  }

  /** Let the page at `virtualPage` be read only from now on. */
  writeProtect(virtualPage: number): void {
    this.#translations.get(virtualPage)!.writable = false;
  }

  /** Forget the translations of a region that goes away. */
  removeRegion(region: Region): void {
    this.regions.splice(this.regions.indexOf(region), 1);
    const first = region.address / PAGE_BYTES;
    for (let virtualPage = first; virtualPage < first + region.bytes / PAGE_BYTES; virtualPage++) {
      const page = this.#translations.get(virtualPage)?.page;
      if (page === undefined) continue;
      page.mappings.splice(page.mappings.findIndex((one) => one.space === this && one.virtualPage === virtualPage), 1);
      this.#translations.delete(virtualPage);
    }
  }
}

/** `bytes` bytes of an address space from `address` on. */
export class UserArea implements Area {
  readonly space: AddressSpace;
  readonly address: number;
  readonly bytes: number;

  constructor(space: AddressSpace, address: number, bytes: number) {
    this.space = space;
    this.address = address;
    this.bytes = bytes;
  }

  locate(at: number, access: Access): number {
    return this.space.locate(this.address + at, access);
  }

  bringIn(at: number, access: Access): Steps {
    return this.space.bringIn(this.address + at, access);
  }
}
