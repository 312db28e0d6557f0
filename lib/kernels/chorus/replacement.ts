/**
 * Page replacement: where frames come from when memory is short.
 *
 * Layer: kernels/chorus. All resident pages stand in a ring; a hand goes round and
 * takes the first page not used since it last passed (second chance). A page whose
 * bytes the mapper does not have is pushed out first, by the thread that needs the
 * frame, which waits for it: section 6.3, "pages being pushed out to the disk are
 * written synchronously".
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import type { Frame, Memory } from "../../hardware/memory.ts";
import type { Counters } from "./counters.ts";
import type { Page } from "./local-cache.ts";

/** Who has the bytes of dirty pages saved. */
export interface Cleaner {
  /** As many pages as may be are on their way to mappers that answer before they have saved them. */
  readonly saturated: boolean;
  /** Ask the mapper to save `page`. It may answer before the bytes are saved; the page then stays in state pushOut. */
  pushOut(page: Page): Steps;
  /** Take a clean page out of its cache and free its frame. */
  drop(page: Page): void;
}

export class Replacement {
  readonly #memory: Memory;
  readonly #counters: Counters;
  readonly #cleaner: Cleaner;
  readonly #owner: string;
  readonly #freed: WaitQueue;
  #hand: Page | undefined = undefined;
  #pages = 0;
  readonly #victims = new Set<Page>(); // chosen, and on their way to their mappers

  /** Replaces the pages of one site; their frames belong to `owner`. */
  constructor(sim: Simulation, memory: Memory, counters: Counters, cleaner: Cleaner, owner: string) {
    this.#memory = memory;
    this.#counters = counters;
    this.#cleaner = cleaner;
    this.#owner = owner;
    this.#freed = new WaitQueue(sim, `a free page frame of the ${owner}`);
  }

  /** A free frame for `owner`, taken from another page if there is none. */
  *acquire(owner = this.#owner): Steps<Frame> {
    for (;;) {
      const frame = this.#memory.allocate(owner);
      if (frame !== undefined) return frame;
      const victim = this.#choose();
      if (victim === undefined) yield* this.#freed.wait();
      else if (!victim.dirty) this.#take(victim);
      else if (this.#cleaner.saturated) {
        this.#hand = victim;
        yield* this.#freed.wait();
      } else {
        this.#victims.add(victim);
        yield* this.#cleaner.pushOut(victim);
      }
    }
  }

  /** Likewise, if it is to be had without waiting. */
  tryAcquire(owner: string): Frame | undefined {
    const frame = this.#memory.allocate(owner);
    if (frame !== undefined) return frame;
    const victim = this.#choose();
    if (victim === undefined) return undefined;
    if (victim.dirty) {
      this.#hand = victim;
      return undefined;
    }
    this.#take(victim);
    return this.#memory.allocate(owner);
  }

  /** Give back a frame that came from acquire. */
  release(frame: Frame): void {
    this.#memory.free(frame);
    this.#freed.wakeAll();
  }

  /** `page` is resident and may be replaced from now on; its turn comes last. */
  add(page: Page): void {
    this.#pages++;
    if (this.#hand === undefined) this.#hand = page.next = page.previous = page;
    else {
      page.next = this.#hand;
      page.previous = this.#hand.previous!;
      page.previous.next = page;
      this.#hand.previous = page;
    }
    this.#freed.wakeAll();
  }

  /** `page` goes away. */
  remove(page: Page): void {
    this.#pages--;
    this.#victims.delete(page);
    if (this.#hand === page) this.#hand = page.next === page ? undefined : page.next;
    page.previous!.next = page.next;
    page.next!.previous = page.previous;
    page.next = page.previous = undefined;
  }

  /** `page` is resident again. If it was chosen to be replaced it is taken now, unless it was used meanwhile. */
  settled(page: Page): void {
    if (this.#victims.delete(page) && !page.dirty && !page.referenced) this.#take(page);
    this.#freed.wakeAll();
  }

  /** The first page that was not used since the hand last passed; going round twice sees them all unused. */
  #choose(): Page | undefined {
    for (let looked = 0; looked <= 2 * this.#pages; looked++) {
      const page = this.#hand;
      if (page === undefined) return undefined;
      this.#hand = page.next;
      if (page.state !== "resident") continue;
      if (!page.referenced) return page;
      page.referenced = false;
    }
    return undefined;
  }

  #take(victim: Page): void {
    this.#counters.replacedPages++;
    this.#cleaner.drop(victim);
  }
}
