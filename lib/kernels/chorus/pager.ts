/**
 * The pager: brings pages in, has them saved, and takes them away.
 *
 * Layer: kernels/chorus; sections 4.3.2 and 4.4. Arrows 2b, 3b and 4b of figure 4-2:
 * a free page is acquired, and the mapper behind the segment's port is called to fill
 * it. A page that is present but may only be read costs a call for the permission
 * alone. Whatever waits here, waits for one page; segments know nothing of it.
 */
import { Lock, spanned } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { WiredArea } from "./area.ts";
import type { Access } from "./area.ts";
import { MapperError, NucleusError } from "./error.ts";
import type { LocalCache, Page, PageSource } from "./local-cache.ts";
import { MAPPER_OPERATIONS, packPageRequest, unpackGrant } from "./mapper.ts";
import type { Grant } from "./mapper.ts";
import { annexNumbers, packAnnex } from "./message.ts";
import type { Nucleus } from "./nucleus.ts";
import { portTarget } from "./port.ts";
import { Replacement } from "./replacement.ts";
import type { Cleaner } from "./replacement.ts";
import type { UniqueIdentifier } from "./unique-identifier.ts";

export class Pager implements PageSource, Cleaner {
  readonly sim: Simulation;
  readonly replacement: Replacement;
  /** The port of the mapper for temporary segments, the default mapper. */
  defaultMapper: UniqueIdentifier | undefined = undefined;
  readonly #nucleus: Nucleus;
  /** Pages whose mapper saves them after it has answered, and how many may be. */
  #leaving = 0;
  readonly #mostLeaving: number;
  readonly #making: Lock;

  constructor(nucleus: Nucleus, mostLeaving: number) {
    this.#nucleus = nucleus;
    this.#mostLeaving = mostLeaving;
    const { machine, counters } = nucleus;
    this.sim = machine.sim;
    this.#making = new Lock(machine.sim, "making a segment for temporary memory");
    this.replacement = new Replacement(machine.sim, machine.memory, counters, this, "nucleus");
  }

  get saturated(): boolean {
    return this.#leaving >= this.#mostLeaving;
  }

  /** Bring in the absent page `index` of `cache`. @throws MapperError */
  pullIn(cache: LocalCache, index: number, access: Access): Steps {
    return spanned(this.sim, "pullIn", this.#pullIn(cache, index, access), this.#nucleus.own);
  }

  *#pullIn(cache: LocalCache, index: number, access: Access): Steps {
    const { machine, costs } = this.#nucleus;
    const page = cache.expect(index);
    try {
      page.frame = yield* this.replacement.acquire(cache.name);
      machine.processor.charge(costs.pageAcquireNs, "acquire a page");
      this.sim.probe?.instant("acquire a page");
      if (cache.segment === undefined) {
        machine.bzero(page.frame * PAGE_BYTES, PAGE_BYTES);
        this.arrive(page, "write");
        return;
      }
      const grant = yield* this.ask(page, access);
      if (page.recalled > grant.sequence) this.discard(page);
      else this.arrive(page, grant.access);
    } catch (error) {
      this.discard(page);
      throw error;
    }
  }

  /** The upcall pullIn(): the mapper fills the frame of `page`; what it grants. @throws MapperError */
  *ask(page: Page, access: Access): Steps<Grant> {
    this.#nucleus.counters.pullIns++;
    this.sim.probe?.instant(`pullIn to ${access}`);
    const annex = this.request(page, MAPPER_OPERATIONS.pullIn, access);
    return unpackGrant(yield* this.#nucleus.ipc.ipcCall(portTarget(page.cache.segment!.port), { annex }, new WiredArea([page.frame])));
  }

  /** Ask for write access to `page`, which is present to be read. @throws MapperError */
  getAccess(page: Page): Steps {
    return spanned(this.sim, "getAccess", this.#getAccess(page), this.#nucleus.own);
  }

  *#getAccess(page: Page): Steps {
    page.become("upgrade");
    this.#nucleus.counters.getAccesses++;
    this.sim.probe?.instant("getAccess");
    const annex = this.request(page, MAPPER_OPERATIONS.getAccess, "write");
    try {
      const grant = unpackGrant(yield* this.#nucleus.ipc.ipcCall(portTarget(page.cache.segment!.port), { annex }));
      if (page.recalled <= grant.sequence) page.access = grant.access;
    } finally {
      if (page.frame >= 0) page.become("resident"); // else it was recalled altogether meanwhile
      this.replacement.settled(page);
    }
  }

  /** Have the bytes of `page` saved by its mapper; nobody can change them meanwhile. */
  pushOut(page: Page): Steps {
    return spanned(this.sim, "pushOut", this.#pushOut(page), this.#nucleus.own);
  }

  *#pushOut(page: Page): Steps {
    const { cache } = page;
    page.become("pushOut");
    this.unmap(page);
    page.dirty = false;
    this.#leaving++;
    this.#nucleus.counters.pushOuts++;
    this.sim.probe?.instant("pushOut");
    try {
      if (cache.segment === undefined) yield* this.#makeSegment(cache);
      const annex = this.request(page, MAPPER_OPERATIONS.pushOut, "write");
      const reply = yield* this.#nucleus.ipc.ipcCall(portTarget(cache.segment!.port), { annex, body: new WiredArea([page.frame]) });
      const [status, saved] = annexNumbers(reply.annex);
      if (status !== 0 || saved === 1) this.pushedOut(page, status!);
    } catch (error) {
      page.dirty = true;
      this.pushedOut(page, 0);
      throw error;
    }
  }

  /** The mapper has saved `page`, or with a `status` other than 0 could not. */
  pushedOut(page: Page, status: number): void {
    this.#leaving--;
    if (status !== 0) this.#nucleus.counters.lostPages++;
    page.become("resident");
    this.replacement.settled(page);
  }

  /** Take a clean page out of its cache and free its frame. */
  drop(page: Page): void {
    this.#nucleus.machine.processor.charge(this.#nucleus.costs.pageReplaceNs, "replace a page");
    this.unmap(page);
    this.discard(page);
    this.#nucleus.memory.forgetIfUnused(page.cache);
  }

  /** Take every translation of `page` away. */
  unmap(page: Page): void {
    for (const { space, virtualPage } of page.mappings.splice(0)) {
      this.#nucleus.machine.processor.charge(this.#nucleus.costs.mapNs, "map");
      space.remove(virtualPage);
    }
  }

  /** The annex of a mapper request for `page`. */
  request(page: Page, operation: number, access: Access): Uint8Array {
    const cache = { port: this.#nucleus.memory.port.ui, key: page.cache.key };
    return packPageRequest(operation, { key: page.cache.segment!.key, cache, offset: page.index * PAGE_BYTES, bytes: PAGE_BYTES, access });
  }

  /** The bytes of `page` have come, with the right to `access` them. */
  arrive(page: Page, access: Access): void {
    this.sim.probe?.instant(`page there to ${access}`);
    page.access = access;
    page.become("resident");
    this.replacement.add(page);
  }

  /** Remove `page`; those who wait for it look again. */
  discard(page: Page): void {
    page.cache.pages.delete(page.index);
    if (page.next !== undefined) this.replacement.remove(page);
    if (page.frame >= 0) this.replacement.release(page.frame);
    page.frame = -1;
    page.become("resident");
  }

  /** Have the default mapper make a segment for a temporary one. */
  *#makeSegment(cache: LocalCache): Steps {
    const port = this.defaultMapper;
    if (port === undefined) throw new NucleusError("noSegment", "memory is short, and there is no default mapper for temporary segments");
    yield* this.#making.acquire();
    try {
      if (cache.segment !== undefined) return;
      const annex = packAnnex([MAPPER_OPERATIONS.create, 0, 0, 0, 0, 0, 0]);
      const [status, key] = annexNumbers((yield* this.#nucleus.ipc.ipcCall(portTarget(port), { annex })).annex);
      if (status !== 0) throw new MapperError(status!);
      cache.segment = { port, key: key! };
    } finally {
      this.#making.release();
    }
  }
}
