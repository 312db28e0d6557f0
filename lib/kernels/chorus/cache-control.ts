/**
 * Control of local caches by mappers and managers: flush, recall, provide.
 *
 * Layer: kernels/chorus; sections 3.2.2 and 4.3. A mapper knows the local caches of
 * its segments by capabilities whose port belongs to the nucleus of their site, so
 * it can take pages or rights back from any site: this is what keeps files coherent.
 * On its own site it can also provide pages that nobody has asked for yet.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import type { LocalCache, Page } from "./local-cache.ts";
import type { Grant } from "./mapper.ts";
import type { VirtualMemory } from "./memory.ts";
import { annexNumbers, packAnnex, statusReply } from "./message.ts";
import type { Nucleus } from "./nucleus.ts";
import { portTarget } from "./port.ts";
import type { Port } from "./port.ts";
import type { Capability } from "./unique-identifier.ts";

/** What a flush leaves of the pages: nothing, the right to read them, or all of it (dirty bytes are saved in every case). */
export type Keep = "nothing" | "read" | "all";

const KEEPS: readonly Keep[] = ["nothing", "read", "all"];
const OPERATIONS = { flush: 1, discard: 2 } as const;

export class CacheControl {
  /** The port of the capabilities of this site's local caches. */
  readonly port: Port;
  readonly #nucleus: Nucleus;
  readonly #memory: VirtualMemory;

  constructor(nucleus: Nucleus, memory: VirtualMemory) {
    this.#nucleus = nucleus;
    this.#memory = memory;
    this.port = nucleus.names.portCreate(nucleus.own);
    nucleus.ipc.svMsgHandler(this.port, ({ annex }) => this.#serve(annex));
  }

  /**
   * Flush the pages with any of the `bytes` bytes from `offset` on from the local cache `capability`,
   * on whatever site it is. `sequence` is the number of the recall among the mapper's grants:
   * pages granted before it that are still on their way are void.
   */
  *flush(capability: Capability, offset: number, bytes: number, keep: Keep, sequence: number): Steps {
    const annex = packAnnex([OPERATIONS.flush, capability.key, offset, bytes, KEEPS.indexOf(keep), sequence]);
    yield* this.#nucleus.ipc.ipcCall(portTarget(capability.port), { annex });
  }

  /** Throw the pages with any of these bytes away without saving them, likewise. */
  *discardRemote(capability: Capability, offset: number, bytes: number): Steps {
    const annex = packAnnex([OPERATIONS.discard, capability.key, offset, bytes]);
    yield* this.#nucleus.ipc.ipcCall(portTarget(capability.port), { annex });
  }

  /** sgSync(): have every dirty byte of `segment` in this site's memory saved. */
  *sgSync(segment: Capability): Steps {
    this.#nucleus.enter();
    const cache = this.#memory.existingCache(segment);
    if (cache !== undefined) yield* this.#flush(cache, 0, Infinity, "all", 0);
  }

  /**
   * Expect up to `pages` pages from `offset` on that are absent, without a gap and as far as frames are
   * to be had without waiting: their frames, for the caller to fill and then `provide`.
   */
  reserve(key: number, offset: number, pages: number): Frame[] {
    const cache = this.#memory.cacheByKey(key);
    const first = offset / PAGE_BYTES;
    const frames: Frame[] = [];
    while (cache !== undefined && frames.length < pages && !cache.pages.has(first + frames.length)) {
      const frame = this.#memory.replacement.tryAcquire(cache.name);
      if (frame === undefined) break;
      const page = cache.expect(first + frames.length);
      page.frame = frame;
      page.referenced = false;
      frames.push(frame);
      this.#nucleus.machine.processor.charge(this.#nucleus.costs.pageAcquireNs, "acquire a page");
    }
    return frames;
  }

  /** `pages` reserved pages from `offset` on are filled; without a grant they could not be. Can be called from an interrupt. */
  provide(key: number, offset: number, pages: number, grant: Grant | undefined): void {
    const cache = this.#memory.cacheByKey(key)!;
    for (let index = offset / PAGE_BYTES; index < offset / PAGE_BYTES + pages; index++) {
      const page = cache.pages.get(index)!;
      if (grant === undefined || page.recalled > grant.sequence) this.#memory.pager.discard(page);
      else this.#memory.pager.arrive(page, grant.access);
    }
  }

  /** The mapper has saved a page that it took before it answered pushOut; a `status` other than 0: it could not. */
  pushedOut(key: number, offset: number, status: number): void {
    this.#memory.pager.pushedOut(this.#memory.cacheByKey(key)!.pages.get(offset / PAGE_BYTES)!, status);
  }

  /** Throw away the pages of `cache` with any of these bytes. */
  *discard(cache: LocalCache, offset: number, bytes: number): Steps {
    for (const page of cache.pagesIn(offset, bytes)) {
      if (page.state === "pullIn") page.recalled = Infinity;
      while (page.state === "pushOut") yield* page.changed(this.#nucleus.machine.sim);
      if (page.frame < 0 || page.state === "pullIn") continue;
      page.dirty = false;
      this.#memory.pager.drop(page);
    }
  }

  *#serve(annex: Uint8Array): Steps<{ annex: Uint8Array }> {
    const [operation, key, offset, bytes, keep, sequence] = annexNumbers(annex) as unknown as [number, number, number, number, number, number];
    const cache = this.#memory.cacheByKey(key);
    if (cache !== undefined) {
      if (operation === OPERATIONS.flush) yield* this.#flush(cache, offset, bytes, KEEPS[keep]!, sequence);
      else yield* this.discard(cache, offset, bytes);
    }
    return statusReply(0);
  }

  /** Save what is dirty, all of it at once if the mapper answers early; then take away what is not kept. */
  *#flush(cache: LocalCache, offset: number, bytes: number, keep: Keep, sequence: number): Steps {
    const pages = cache.pagesIn(offset, bytes);
    for (const page of pages) if (page.state === "resident" && page.dirty) yield* this.#memory.pager.pushOut(page);
    for (const page of pages) yield* this.#settle(page, keep, sequence);
  }

  *#settle(page: Page, keep: Keep, sequence: number): Steps {
    const { pager } = this.#memory;
    for (;;) {
      while (page.state === "pushOut") yield* page.changed(this.#nucleus.machine.sim);
      if (page.frame < 0 && page.state === "resident") return; // gone meanwhile
      if (!page.dirty || page.state !== "resident") break;
      yield* pager.pushOut(page); // written again meanwhile
    }
    if (keep === "all") return;
    // A page on its way, or one whose right is being asked for, is not waited for: the mapper
    // may be serving that very request behind this recall. An older grant is void instead.
    if (page.state !== "resident") page.recalled = sequence;
    if (page.state === "pullIn") return;
    if (keep === "nothing") pager.drop(page);
    else {
      page.access = "read";
      pager.unmap(page);
    }
  }
}
