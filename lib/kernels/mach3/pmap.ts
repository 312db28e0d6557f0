/**
 * Physical maps: which virtual page of a task is in which frame right now.
 *
 * Layer: kernels/mach3. The machine-dependent part of the VM system, the page
 * tables of the 80386. A translation may be forgotten at any time; the next access
 * faults and finds the page again through the address map.
 */
import type { VmPage } from "./vm-page.ts";

/** A translation. Known from both ends, so that a page can be taken away from all who have it mapped. */
export interface Mapping {
  readonly pmap: Pmap;
  readonly virtualPage: number;
  readonly page: VmPage;
  writable: boolean;
}

export class Pmap {
  readonly #table = new Map<number, Mapping>();

  /** Translations entered. */
  get size(): number {
    return this.#table.size;
  }

  /** Let `virtualPage` lead to `page`. */
  enter(virtualPage: number, page: VmPage, writable: boolean): void {
    const old = this.#table.get(virtualPage);
    if (old !== undefined) this.#forget(old);
    const mapping = { pmap: this, virtualPage, page, writable };
    this.#table.set(virtualPage, mapping);
    page.mappings.push(mapping);
  }

  /** The page that an access to `virtualPage` reaches, marked as used; undefined when it would fault. */
  access(virtualPage: number, write: boolean): VmPage | undefined {
    const mapping = this.#table.get(virtualPage);
    if (mapping === undefined || (write && !mapping.writable)) return undefined;
    const { page } = mapping;
    page.referenced = true;
    if (write) page.dirty = true;
    return page;
  }

  /** Forget the translations of the pages from `first` up to, not including, `end`. */
  remove(first: number, end: number): void {
    this.#forEach(first, end, (mapping) => this.#forget(mapping));
  }

  /** Let nothing from `first` up to, not including, `end` be written without a fault. */
  writeProtect(first: number, end: number): void {
    this.#forEach(first, end, (mapping) => void (mapping.writable = false));
  }

  /** The translations of the range, by page or, if it is wider than all there are, among all of them. */
  #forEach(first: number, end: number, change: (mapping: Mapping) => void): void {
    if (end - first > this.#table.size) {
      for (const mapping of this.#table.values()) if (mapping.virtualPage >= first && mapping.virtualPage < end) change(mapping);
      return;
    }
    for (let virtualPage = first; virtualPage < end; virtualPage++) {
      const mapping = this.#table.get(virtualPage);
      if (mapping !== undefined) change(mapping);
    }
  }

  #forget(mapping: Mapping): void {
    this.#table.delete(mapping.virtualPage);
    const { mappings } = mapping.page;
    mappings.splice(mappings.indexOf(mapping), 1);
  }

  /** Take `page` away from every task that has it mapped. */
  static unmap(page: VmPage): void {
    for (const { pmap, virtualPage } of page.mappings) pmap.#table.delete(virtualPage);
    page.mappings.length = 0;
  }

  /** Let nobody write `page` without a fault. */
  static writeProtect(page: VmPage): void {
    for (const mapping of page.mappings) mapping.writable = false;
  }
}
