/** A site to test the nucleus on: a processor, memory of any size, and a mapper that keeps bytes in host memory. */
import { Simulation } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { Memory, PAGE_BYTES } from "../../../lib/hardware/memory.ts";
import { Processor } from "../../../lib/hardware/processor.ts";
import { Nucleus, serveMapper, WiredArea } from "../../../lib/kernels/chorus/index.ts";
import type { Access, Actor, Area, Capability, Grant, Mapper, NucleusCosts, NucleusMachine, NucleusOptions, PageRequest, Port } from "../../../lib/kernels/chorus/index.ts";

const US = 1000;

export const costs: NucleusCosts = {
  trapNs: 36 * US, trapRedirectNs: 15 * US, ipcSendNs: 28 * US, handlerNs: 30 * US, ipcReplyNs: 25 * US, ipcQueueNs: 20 * US, annexCopyNs: 5 * US,
  threadSwitchNs: 40 * US, addressSpaceSwitchNs: 20 * US, sgReadNs: 100 * US, sgWriteNs: 110 * US, pageAcquireNs: 20 * US, pageReplaceNs: 20 * US,
  pageFaultNs: 150 * US, mapNs: 10 * US, interruptNs: 20 * US, packetNs: 200 * US, boardNsPer32Bytes: 4 * US,
};

export const COPY_NS_PER_BYTE = 100;

/** A machine with `frames` page frames that charges 100 ns for each byte copied. */
export function testMachine(sim: Simulation, frames: number): NucleusMachine {
  const processor = new Processor(sim, { tickNs: 10_000_000, tickCostNs: 0, firstTickNs: 10_000_000, quantumTicks: 10 });
  const memory = new Memory(frames * PAGE_BYTES);
  return {
    sim,
    processor,
    memory,
    bcopy(from, to, count) {
      memory.bytes.copyWithin(to, from, from + count);
      processor.charge(count * COPY_NS_PER_BYTE);
    },
    bzero(address, count) {
      memory.bytes.fill(0, address, address + count);
    },
  };
}

export function testSite(frames = 64, options: NucleusOptions = {}, sim = new Simulation()): Nucleus {
  return new Nucleus(testMachine(sim, frames), costs, options);
}

/** Run `steps` as a thread of `actor` to its end; what it returned. */
export function runIn<T>(nucleus: Nucleus, actor: Actor, steps: Steps<T>): T {
  const thread = nucleus.threadCreate(actor, "test", steps);
  nucleus.machine.sim.run();
  return thread.result as T;
}

/** A supervisor actor whose mapper keeps the pages of all its segments in host memory and takes `delayNs` for each request. */
export class StoreMapper implements Mapper {
  readonly nucleus: Nucleus;
  readonly actor: Actor;
  readonly port: Port;
  readonly pages = new Map<string, Uint8Array>();
  /** What was asked, in order: "pullIn 7 0 read". */
  readonly log: string[] = [];
  /** Access granted when "read" is asked for. */
  generous = false;
  delayNs: number;
  /** If set, pushOut answers first and saves this much later. */
  lateNs: number | undefined = undefined;
  released: number[] = [];
  /** The number of the latest grant or recall. */
  sequence = 0;
  #temporary = 1_000_000;

  constructor(nucleus: Nucleus, delayNs = 1_000_000) {
    this.nucleus = nucleus;
    this.delayNs = delayNs;
    this.actor = nucleus.actorCreate("mapper", "supervisor");
    this.port = nucleus.names.portCreate(this.actor);
    nucleus.ipc.svMsgHandler(this.port, (invocation) => serveMapper(this, invocation));
  }

  segment(key: number): Capability {
    return { port: this.port.ui, key };
  }

  /** The bytes of `key` as the mapper has them. */
  bytes(key: number, offset: number): Uint8Array {
    return this.pages.get(`${key}/${offset / PAGE_BYTES}`) ?? new Uint8Array(PAGE_BYTES);
  }

  *pullIn(request: PageRequest, page: Area): Steps<Grant> {
    this.log.push(`pullIn ${request.key} ${request.offset / PAGE_BYTES} ${request.access}`);
    yield* this.nucleus.machine.sim.sleep(this.delayNs);
    this.#view(page).set(this.bytes(request.key, request.offset));
    return this.#grant(request.access);
  }

  *getAccess(request: PageRequest): Steps<Grant> {
    this.log.push(`getAccess ${request.key} ${request.offset / PAGE_BYTES}`);
    yield* this.nucleus.machine.sim.sleep(this.delayNs);
    return this.#grant("write");
  }

  *pushOut(request: PageRequest, page: Area): Steps<boolean> {
    this.log.push(`pushOut ${request.key} ${request.offset / PAGE_BYTES}`);
    const save = () => this.pages.set(`${request.key}/${request.offset / PAGE_BYTES}`, this.#view(page).slice());
    if (this.lateNs !== undefined) {
      this.nucleus.machine.sim.after(this.lateNs, () => {
        save();
        this.nucleus.machine.processor.interrupt("disk", 1000, () => this.nucleus.memory.control.pushedOut(request.cache.key, request.offset, 0));
      });
      return false;
    }
    yield* this.nucleus.machine.sim.sleep(this.delayNs);
    save();
    return true;
  }

  *create(): Steps<number> {
    return this.#temporary++;
  }

  *release(key: number): Steps {
    this.released.push(key);
  }

  #grant(access: Access): Grant {
    return { access: this.generous ? "write" : access, sequence: ++this.sequence };
  }

  #view(page: Area): Uint8Array {
    return this.nucleus.machine.memory.view(page.locate(0, "read"), PAGE_BYTES);
  }

}

/** The methods of a StoreMapper as a plain object, to replace some. */
export function asMapper(mapper: StoreMapper): Mapper {
  return {
    pullIn: (request, page) => mapper.pullIn(request, page),
    getAccess: (request) => mapper.getAccess(request),
    pushOut: (request, page) => mapper.pushOut(request, page),
    create: () => mapper.create(),
    release: (key) => mapper.release(key),
  };
}

/** Take pages of segment `key` back from the local cache of `nucleus`. */
export function* recall(nucleus: Nucleus, mapper: StoreMapper, key: number, offset: number, bytes: number, keep: "nothing" | "read"): Steps {
  const cache = nucleus.memory.existingCache(mapper.segment(key));
  if (cache !== undefined) yield* nucleus.memory.control.flush({ port: nucleus.memory.port.ui, key: cache.key }, offset, bytes, keep, ++mapper.sequence);
}

/** Bytes that differ from page to page and from `seed` to `seed`. */
export const pattern = (seed: number, bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, at) => (seed * 31 + at * 7 + 1) % 256);

/** What `steps` throws, or returns. */
export function* failing<T>(steps: Steps<T>): Steps<T | Error> {
  try {
    return yield* steps;
  } catch (error) {
    return error as Error;
  }
}

/** An area of `bytes` bytes in wired frames, filled with `content`. */
export function wired(nucleus: Nucleus, bytes: number, content?: Uint8Array): WiredArea {
  const frames = Array.from({ length: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) }, () => nucleus.machine.memory.allocate("test")!);
  const area = new WiredArea(frames, bytes);
  for (let at = 0; content !== undefined && at < content.length; at += PAGE_BYTES) {
    nucleus.machine.memory.page(frames[at / PAGE_BYTES]!).set(content.subarray(at, at + PAGE_BYTES));
  }
  return area;
}

/** The bytes in an area that is in memory. */
export function contents(nucleus: Nucleus, area: Area): Uint8Array {
  const bytes = new Uint8Array(area.bytes);
  for (let at = 0; at < bytes.length; at++) bytes[at] = nucleus.machine.memory.bytes[area.locate(at, "read")]!;
  return bytes;
}
