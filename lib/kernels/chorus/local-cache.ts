/**
 * The local cache of a segment: its pages that are in this site's memory.
 *
 * Layer: kernels/chorus; section 4.3.2. A local cache is made on the first access
 * to a segment and tells which pages are present and with which access rights. It
 * is a window on the segment: what is absent the pager brings in.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { ABSENT } from "./area.ts";
import type { Access, Window } from "./area.ts";
import type { AddressSpace } from "./address-space.ts";
import { RangeLock } from "./range-lock.ts";
import type { Capability } from "./unique-identifier.ts";

/**
 * resident: usable as its access says; pullIn: the mapper is asked for its bytes;
 * upgrade: the mapper is asked for write access; pushOut: its bytes are on their
 * way to the mapper.
 */
export type PageState = "resident" | "pullIn" | "upgrade" | "pushOut";

/** The translation of a page in the address space of an actor. */
export interface Mapping {
  readonly space: AddressSpace;
  readonly virtualPage: number;
}

export class Page {
  readonly cache: LocalCache;
  readonly index: number;
  frame: Frame = -1;
  access: Access = "read";
  state: PageState = "pullIn";
  dirty = false;
  /** Used since the replacement last looked. */
  referenced = true;
  /** The latest recall that came while the mapper was being asked: an older grant is void. */
  recalled = 0;
  /** Where the page is mapped. */
  readonly mappings: Mapping[] = [];
  /** Neighbours in the ring of the replacement. */
  next: Page | undefined = undefined;
  previous: Page | undefined = undefined;
  #waiters: WaitQueue | undefined = undefined;

  constructor(cache: LocalCache, index: number) {
    this.cache = cache;
    this.index = index;
  }

  /** Wait for the next change of state. */
  *changed(sim: Simulation): Steps {
    this.#waiters ??= new WaitQueue(sim, `page ${this.index} of ${this.cache.name}, in ${this.state}`);
    yield* this.#waiters.wait();
  }

  /** Enter `state` and let those go on who wait for a change. */
  become(state: PageState): void {
    this.state = state;
    this.#waiters?.wakeAll();
  }
}

/** What a local cache asks of the pager. */
export interface PageSource {
  readonly sim: Simulation;
  /** Bring the absent page `index` in. */
  pullIn(cache: LocalCache, index: number, access: Access): Steps;
  /** Ask for write access to a page that is present to be read. */
  getAccess(page: Page): Steps;
}

export class LocalCache implements Window {
  /** The key of the cache in its own capability, which mappers are given. */
  readonly key: number;
  /** What is cached; undefined for a temporary segment that no mapper knows yet. */
  segment: Capability | undefined;
  readonly pages = new Map<number, Page>();
  readonly operations: RangeLock;
  /** Regions that map the segment. */
  regions = 0;
  readonly #source: PageSource;

  constructor(source: PageSource, key: number, segment: Capability | undefined) {
    this.#source = source;
    this.key = key;
    this.segment = segment;
    this.operations = new RangeLock(source.sim, this.name);
  }

  get name(): string {
    return this.segment === undefined ? `temporary segment ${this.key}` : `segment ${this.segment.port}/${this.segment.key}`;
  }

  /** Nobody uses the cache, and there is nothing in it. */
  get unused(): boolean {
    return this.pages.size === 0 && this.regions === 0 && this.operations.idle;
  }

  locate(at: number, access: Access): number {
    const page = this.pages.get(Math.floor(at / PAGE_BYTES));
    if (page === undefined || page.state !== "resident") return ABSENT;
    if (access === "write") {
      if (page.access === "read") return ABSENT;
      page.dirty = true;
    }
    page.referenced = true;
    return page.frame * PAGE_BYTES + (at % PAGE_BYTES);
  }

  *bringIn(at: number, access: Access): Steps {
    const index = Math.floor(at / PAGE_BYTES);
    const page = this.pages.get(index);
    if (page === undefined) yield* this.#source.pullIn(this, index, access);
    else if (page.state !== "resident") yield* page.changed(this.#source.sim);
    else if (access === "write" && page.access === "read") yield* this.#source.getAccess(page);
  }

  /** A page at the absent place `index`, on its way in. */
  expect(index: number): Page {
    const page = new Page(this, index);
    this.pages.set(index, page);
    return page;
  }

  /** The pages that hold any of the `bytes` bytes from `offset` on, in ascending order. */
  pagesIn(offset: number, bytes: number): Page[] {
    const first = Math.floor(offset / PAGE_BYTES);
    const end = Math.ceil((offset + bytes) / PAGE_BYTES);
    if (end - first === 1) {
      const page = this.pages.get(first);
      return page === undefined ? [] : [page];
    }
    return [...this.pages.values()].filter((page) => page.index >= first && page.index < end).sort((a, b) => a.index - b.index);
  }
}
