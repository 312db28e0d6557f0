/**
 * Virtual memory: sgRead, sgWrite and regions, all on the same local caches.
 *
 * Layer: kernels/chorus; sections 2 and 4.3.2. sgRead and sgWrite copy between a
 * segment and memory without mapping it (arrows 2a and 3a of figure 4-2, or 2b to
 * 5b); regions map segments into address spaces. Both find the segment's local cache
 * and use its page frames, so they see each other's bytes.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace, Region } from "./address-space.ts";
import { UserArea } from "./address-space.ts";
import { ABSENT, copy } from "./area.ts";
import type { Access, Area } from "./area.ts";
import { CacheControl } from "./cache-control.ts";
import { NucleusError } from "./error.ts";
import { LocalCache } from "./local-cache.ts";
import { MAPPER_OPERATIONS } from "./mapper.ts";
import { packAnnex } from "./message.ts";
import type { Nucleus } from "./nucleus.ts";
import { Pager } from "./pager.ts";
import { portTarget } from "./port.ts";
import type { Port } from "./port.ts";
import type { Replacement } from "./replacement.ts";
import type { Capability, UniqueIdentifier } from "./unique-identifier.ts";

export class VirtualMemory {
  readonly pager: Pager;
  readonly control: CacheControl;
  readonly #nucleus: Nucleus;
  readonly #caches = new Map<UniqueIdentifier, Map<number, LocalCache>>(); // by port and key of the segment
  readonly #byKey = new Map<number, LocalCache>();
  #nextKey = 1;

  constructor(nucleus: Nucleus, mostPushOuts: number) {
    this.#nucleus = nucleus;
    this.pager = new Pager(nucleus, mostPushOuts);
    this.control = new CacheControl(nucleus, this);
  }

  get replacement(): Replacement {
    return this.pager.replacement;
  }

  /** The port of the capabilities of this site's local caches. */
  get port(): Port {
    return this.control.port;
  }

  /** sgRead(): copy `count` bytes of `segment` from `offset` on to the start of `to`; how many before an error, which is thrown if it is none. @throws MapperError */
  sgRead(segment: Capability, offset: number, to: Area, count: number): Steps<number> {
    return spanned(this.#nucleus.machine.sim, "sgRead", this.#sgRead(segment, offset, to, count), this.#nucleus.own);
  }

  *#sgRead(segment: Capability, offset: number, to: Area, count: number): Steps<number> {
    const { machine, costs, counters } = this.#nucleus;
    this.#nucleus.enter();
    machine.processor.charge(costs.sgReadNs, "find the local cache");
    counters.segmentReads++;
    machine.sim.probe?.instant("sgRead");
    const cache = this.cacheOf(segment);
    const operation = yield* cache.operations.begin(offset, count, "read");
    try {
      const copied = yield* copy(machine, counters, cache, offset, to, 0, count);
      machine.sim.probe?.instant("copy out");
      return copied;
    } finally {
      cache.operations.end(operation);
      this.forgetIfUnused(cache);
    }
  }

  /** sgWrite(): copy `count` bytes from the start of `from` to `segment` from `offset` on; likewise. @throws MapperError */
  sgWrite(segment: Capability, offset: number, from: Area, count: number): Steps<number> {
    return spanned(this.#nucleus.machine.sim, "sgWrite", this.#sgWrite(segment, offset, from, count), this.#nucleus.own);
  }

  *#sgWrite(segment: Capability, offset: number, from: Area, count: number): Steps<number> {
    const { machine, costs, counters } = this.#nucleus;
    this.#nucleus.enter();
    machine.processor.charge(costs.sgWriteNs, "find the local cache");
    counters.segmentWrites++;
    machine.sim.probe?.instant("sgWrite");
    const cache = this.cacheOf(segment);
    const operation = yield* cache.operations.begin(offset, count, "write");
    try {
      const copied = yield* copy(machine, counters, from, 0, cache, offset, count);
      machine.sim.probe?.instant("copy in");
      return copied;
    } finally {
      cache.operations.end(operation);
      this.forgetIfUnused(cache);
    }
  }

  /** Have the mapper fill the page around `offset` of `segment`, which is in memory, once more. @throws MapperError */
  *loadAgain(segment: Capability, offset: number): Steps {
    const page = this.cacheOf(segment).pages.get(Math.floor(offset / PAGE_BYTES));
    if (page === undefined) throw new NucleusError("badAddress", `byte ${offset} of segment ${segment.key} is not in memory`);
    yield* this.pager.ask(page, "read");
  }

  /** rgnMap(): let `bytes` bytes of `actor` from `address` on show `segment` from `offset` on; whole pages. @throws NucleusError badAddress */
  rgnMap(actor: Actor, address: number, bytes: number, segment: Capability, offset: number, access: Access): Region {
    this.#nucleus.enter();
    return this.#addRegion(actor, { address, bytes, cache: this.cacheOf(segment), offset, access });
  }

  /** rgnAllocate(): let `actor` have `bytes` bytes of zeros from `address` on; the default mapper saves them when memory is short. */
  rgnAllocate(actor: Actor, address: number, bytes: number): Region {
    this.#nucleus.enter();
    const cache = new LocalCache(this.pager, this.#nextKey++, undefined);
    this.#byKey.set(cache.key, cache);
    return this.#addRegion(actor, { address, bytes, cache, offset: 0, access: "write" });
  }

  /** rgnFree(): take `region` away; what a temporary segment held is lost. */
  *rgnFree(actor: Actor, region: Region): Steps {
    this.#nucleus.enter();
    actor.space.removeRegion(region);
    const { cache } = region;
    cache.regions--;
    if (cache.segment !== undefined && this.existingCache(cache.segment) === cache) {
      this.forgetIfUnused(cache); // a mapper's own segment: its pages stay as long as there is room
      return;
    }
    yield* this.control.discard(cache, 0, Infinity);
    this.#byKey.delete(cache.key);
    if (cache.segment === undefined) return;
    const annex = packAnnex([MAPPER_OPERATIONS.release, cache.segment.key, 0, 0, 0, 0, 0]);
    yield* this.#nucleus.ipc.ipcCall(portTarget(cache.segment.port), { annex });
  }

  /** `bytes` bytes of `actor` from `address` on, for a call to read or fill. */
  area(actor: Actor, address: number, bytes: number): Area {
    return new UserArea(actor.space, address, bytes);
  }

  /** The running program loads `bytes` bytes at `address` of `actor`. Free of charge but for faults. */
  *load(actor: Actor, address: number, bytes: number): Steps<Uint8Array> {
    const physical = bytes <= PAGE_BYTES - (address % PAGE_BYTES) ? actor.space.locate(address, "read") : ABSENT;
    const { memory, sim } = this.#nucleus.machine;
    const loaded = memory.room(bytes);
    if (physical !== ABSENT) {
      sim.probe?.move("load", physical, loaded, bytes, 0);
      loaded.set(memory.view(physical, bytes)); // most often, and fastest
      return loaded;
    }
    yield* this.#touch(actor, address, loaded, "read");
    return loaded;
  }

  /** The running program stores `bytes` at `address` of `actor`. Free of charge but for faults. */
  *store(actor: Actor, address: number, bytes: Uint8Array): Steps {
    yield* this.#touch(actor, address, bytes, "write");
  }

  /** A page fault at `address`: bring the page in as `access` needs it and enter the translation. @throws NucleusError badAddress, MapperError */
  fault(space: AddressSpace, address: number, access: Access): Steps {
    return spanned(this.#nucleus.machine.sim, "Pagefault", this.#fault(space, address, access), this.#nucleus.own);
  }

  *#fault(space: AddressSpace, address: number, access: Access): Steps {
    const { machine, costs, counters } = this.#nucleus;
    counters.faults++;
    machine.processor.charge(costs.pageFaultNs, "fault");
    const { cache, ...region } = space.region(address, access);
    const at = region.offset + address - region.address;
    while (cache.locate(at, access) === ABSENT) yield* cache.bringIn(at, access);
    counters.mappings++;
    machine.processor.charge(costs.mapNs, "map");
    const page = cache.pages.get(Math.floor(at / PAGE_BYTES))!;
    machine.sim.probe?.move("map", page.frame * PAGE_BYTES, address, PAGE_BYTES, costs.mapNs, cache.name);
    space.enter(address, page, page.access === "write" && region.access === "write");
  }

  /** The local cache of `segment`, made if this is the first access. */
  cacheOf(segment: Capability): LocalCache {
    let caches = this.#caches.get(segment.port);
    if (caches === undefined) this.#caches.set(segment.port, (caches = new Map<number, LocalCache>()));
    let cache = caches.get(segment.key);
    if (cache === undefined) {
      caches.set(segment.key, (cache = new LocalCache(this.pager, this.#nextKey++, segment)));
      this.#byKey.set(cache.key, cache);
    }
    return cache;
  }

  /** The local cache whose own capability has `key`, if it still exists. */
  cacheByKey(key: number): LocalCache | undefined {
    return this.#byKey.get(key);
  }

  /** The local cache of `segment` if there is one. */
  existingCache(segment: Capability): LocalCache | undefined {
    return this.#caches.get(segment.port)?.get(segment.key);
  }

  /** Drop the descriptor of a segment's local cache when nothing is in it and nobody uses it. */
  forgetIfUnused(cache: LocalCache): void {
    if (!cache.unused || cache.segment === undefined || this.existingCache(cache.segment) !== cache) return;
    this.#caches.get(cache.segment.port)!.delete(cache.segment.key);
    this.#byKey.delete(cache.key);
  }

  /** Local caches that exist. */
  get caches(): number {
    return this.#byKey.size;
  }

  #addRegion(actor: Actor, region: Region): Region {
    const { address, bytes } = region;
    const aligned = [address, bytes, region.offset].every((place) => place % PAGE_BYTES === 0);
    const free = actor.space.regions.every((one) => address + bytes <= one.address || one.address + one.bytes <= address);
    if (!aligned || !free) throw new NucleusError("badAddress", `no room for a region of ${bytes} bytes at address ${address}`);
    actor.space.regions.push(region);
    region.cache.regions++;
    return region;
  }

  /** Bytes go from memory to `variable`, or the other way. */
  *#touch(actor: Actor, address: number, variable: Uint8Array, access: Access): Steps {
    const { sim, memory } = this.#nucleus.machine;
    for (let at = 0; at < variable.length; ) {
      const physical = actor.space.locate(address + at, access);
      if (physical === ABSENT) {
        yield* this.fault(actor.space, address + at, access);
        continue;
      }
      const length = Math.min(variable.length - at, PAGE_BYTES - (physical % PAGE_BYTES));
      const [piece, there] = [variable.subarray(at, at + length), memory.view(physical, length)];
      if (access === "read") {
        piece.set(there);
        sim.probe?.move("load", physical, piece, length, 0);
      } else {
        there.set(piece);
        sim.probe?.move("store", piece, physical, length, 0);
      }
      at += length;
    }
  }
}
