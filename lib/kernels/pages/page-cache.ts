/**
 * The pages of files that a kernel keeps in memory.
 *
 * Layer: kernels/pages. Any free frame may hold a page of a file; the buffer cache keeps
 * only what is not file data. A clock hand takes pages back when frames run short:
 * a page that was used since the hand last came by gets another round, a dirty one
 * is written first.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import { HOLE } from "../../fs/layout.ts";
import type { Frame, Memory } from "../../hardware/memory.ts";

export class Page {
  /** Number of the file's inode, and which page of the file it is. */
  readonly file: number;
  readonly index: number;
  readonly frame: Frame;
  /** The disk block that holds it; HOLE if none does. */
  block = HOLE;
  /** The bytes are the file's. */
  valid = false;
  /** The disk has not got the bytes yet. */
  dirty = false;
  /** A transfer is under way, or somebody copies or waits for the bytes: the page stays where it is. */
  holds = 0;
  /** Used since the clock hand last came by. */
  referenced = true;
  /** Taken out of the cache. */
  gone = false;
  /** It could not be read. */
  failed = false;
  /** Woken when a transfer ends; made when first needed. */
  changed: WaitQueue | undefined = undefined;

  constructor(file: number, index: number, frame: Frame) {
    this.file = file;
    this.index = index;
    this.frame = frame;
  }
}

export class PageCache {
  readonly #sim: Simulation;
  readonly #memory: Memory;
  readonly #files = new Map<number, Map<number, Page>>();
  readonly #ring = new Set<Page>(); // in the order in which the clock hand comes by
  #hand: Iterator<Page, undefined> = this.#ring.values();
  /** Pages found, pages that were not here, pages that the clock hand looked at, pages taken back for their frames. */
  readonly statistics = { hits: 0, misses: 0, scanned: 0, reclaimed: 0 };

  constructor(sim: Simulation, memory: Memory) {
    this.#sim = sim;
    this.#memory = memory;
  }

  /** Pages in the cache. */
  get size(): number {
    return this.#ring.size;
  }

  /** Page `index` of `file`, if it is here. */
  find(file: number, index: number): Page | undefined {
    return this.#files.get(file)?.get(index);
  }

  /** The pages of `file` that are here, by index. */
  pagesOf(file: number): Page[] {
    return [...(this.#files.get(file)?.values() ?? [])].sort((a, b) => a.index - b.index);
  }

  /** Every page that is here, file by file. */
  all(): Page[] {
    return [...this.#files.keys()].flatMap((file) => this.pagesOf(file));
  }

  /** Some page that is held. */
  held(): Page | undefined {
    for (const page of this.#ring) if (page.holds > 0) return page;
    return undefined;
  }

  /** Enter page `index` of `file`, which is not here, in a free frame, held, its bytes not yet valid; undefined when no frame is free. */
  enter(file: number, index: number): Page | undefined {
    const frame = this.#memory.allocate("page cache");
    if (frame === undefined) return undefined;
    const page = new Page(file, index, frame);
    page.holds = 1;
    let pages = this.#files.get(file);
    if (pages === undefined) this.#files.set(file, (pages = new Map<number, Page>()));
    pages.set(index, page);
    this.#ring.add(page);
    return page;
  }

  /** Take `page`, which nobody holds, out of the cache; its frame is free. */
  remove(page: Page): void {
    const pages = this.#files.get(page.file)!;
    pages.delete(page.index);
    if (pages.size === 0) this.#files.delete(page.file);
    this.#ring.delete(page);
    page.gone = true;
    this.#memory.free(page.frame);
  }

  /** Wait until nobody holds `page`. */
  *settled(page: Page): Steps {
    while (page.holds > 0) yield* this.#change(page);
  }

  /** Wait until `page`, which the caller holds, has its bytes or cannot have them. */
  *filled(page: Page): Steps {
    while (!page.valid && !page.failed && !page.gone) yield* this.#change(page);
  }

  *#change(page: Page): Steps {
    page.changed ??= new WaitQueue(this.#sim, `page ${page.index} of inode ${page.file}`);
    yield* page.changed.wait();
  }

  /** Somebody no longer holds `page`. */
  drop(page: Page): void {
    page.holds--;
    page.changed?.wakeAll();
  }

  /**
   * The next page under the clock hand that may go: not held, not used since the hand
   * last came by. Undefined when two rounds find none.
   * @param cleanOnly pass over pages that would have to be written first.
   */
  victim(cleanOnly = false): Page | undefined {
    for (let steps = 2 * this.#ring.size; steps > 0; steps--) {
      const page = this.#next();
      this.statistics.scanned++;
      if (page.holds > 0 || (cleanOnly && page.dirty)) continue;
      if (!page.referenced) return page;
      page.referenced = false;
    }
    return undefined;
  }

  /** The page that the hand comes to next; there is one. */
  #next(): Page {
    const next = this.#hand.next();
    if (next.value !== undefined) return next.value;
    this.#hand = this.#ring.values(); // once round
    return this.#next();
  }
}
