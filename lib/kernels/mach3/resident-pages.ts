/**
 * Resident pages: which frames hold pages, and which of them may be taken.
 *
 * Layer: kernels/mach3. Pages in use stand in the active queue, candidates for
 * replacement in the inactive queue; see page-out.ts for the daemon that moves
 * them. The last free frames are kept for the threads that make others free.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame, Memory } from "../../hardware/memory.ts";
import type { KernelLimits } from "./costs.ts";
import { MachError } from "./errors.ts";
import { Pmap } from "./pmap.ts";
import type { VmObject } from "./vm-object.ts";
import { NO_FRAME, PageQueue, VmPage } from "./vm-page.ts";

/** Frames between one threshold and the next at least, however small the memory. */
const FEWEST = 4;

export class ResidentPages {
  readonly active = new PageQueue();
  readonly inactive = new PageQueue();
  /** Threads that may use the last frames: pagers and those who serve them. */
  readonly privileged = new Set<Thread>();
  /** Called when frames run short. */
  whenShort: () => void = () => {};
  readonly #sim: Simulation;
  readonly #memory: Memory;
  /** Frames kept for the privileged; free frames below which the daemon starts, and at which it stops. */
  readonly reserved: number;
  readonly freeMin: number;
  readonly freeTarget: number;
  /** Who waits for a frame, pagers and those who serve them apart. */
  readonly #waiters: WaitQueue;
  readonly #privilegedWaiters: WaitQueue;
  /** Who cannot go on for want of a frame, and since when, the longest first: asleep, or awake to look again. */
  readonly #wanting = new Map<Thread, number>();
  /** Which of these are to hear that there is none. */
  readonly #refused = new Set<Thread>();
  /** Frames that come back by themselves: in messages to pagers and from devices, or under a transfer. */
  inTransit = 0;

  constructor(sim: Simulation, memory: Memory, limits: KernelLimits) {
    this.#sim = sim;
    this.#memory = memory;
    const share = (percent: number): number => Math.round((memory.frames * percent) / 100);
    this.reserved = Math.max(FEWEST, share(limits.reservedPercent));
    this.freeMin = Math.max(this.reserved + FEWEST, share(limits.freeMinPercent));
    this.freeTarget = Math.max(this.freeMin + FEWEST, share(limits.freeTargetPercent));
    this.#waiters = new WaitQueue(sim, "a free page frame");
    this.#privilegedWaiters = new WaitQueue(sim, "a free page frame");
  }

  /** Frames that there could be for one request, if all that may leave memory left it and all in transit came back. */
  get obtainable(): number {
    return this.#memory.freeFrames + this.active.length + this.inactive.length + this.inTransit - this.freeTarget;
  }

  /** Whether the running thread may use the last frames. */
  get mayUseReserve(): boolean {
    const { current } = this.#sim;
    return current !== undefined && this.privileged.has(current);
  }

  /** A frame for `owner`; undefined when only the reserve is left and the running thread may not use it. */
  allocateFrame(owner: string): Frame | undefined {
    if (this.#memory.freeFrames <= this.freeMin) this.whenShort();
    if (this.#memory.freeFrames <= this.reserved && !this.mayUseReserve) return undefined;
    const frame = this.#memory.allocate(owner);
    if (frame !== undefined) this.wantsNoMore();
    return frame;
  }

  /** A new page of `object`; undefined as above. */
  allocate(object: VmObject, index: number): VmPage | undefined {
    const frame = this.allocateFrame(object.name);
    return frame === undefined ? undefined : this.insert(object, index, frame);
  }

  /** Make `frame`, which is whosever, page `index` of `object`, and active. */
  insert(object: VmObject, index: number, frame: Frame): VmPage {
    const page = new VmPage(object, index, frame);
    object.pages.set(index, page);
    if (frame !== NO_FRAME) {
      if (this.#memory.owner(frame) !== object.name) this.#sim.probe?.move("page", page.address, page.address, PAGE_BYTES, 0, object.name);
      this.#memory.transfer(frame, object.name);
      this.active.append(page);
    }
    return page;
  }

  /** `frame` holds what a pager was asked for as page `index` of `object`, or gives unasked. */
  fill(object: VmObject, index: number, frame: Frame): VmPage {
    const place = object.pages.get(index);
    if (place !== undefined) this.remove(place);
    return this.insert(object, index, frame);
  }

  /** Let `page`, which nobody has mapped any more, be the page of `object` with the same number; whoever has wired it keeps it. */
  rehome(page: VmPage, object: VmObject): void {
    Pmap.unmap(page);
    page.object.pages.delete(page.index);
    page.object = object;
    object.pages.set(page.index, page);
    this.#sim.probe?.move("page", page.address, page.address, PAGE_BYTES, 0, object.name);
    this.#memory.transfer(page.frame, object.name);
  }

  /** Take `page` out of its object and of all mappings; its frame, which is the caller's now. */
  remove(page: VmPage): Frame {
    Pmap.unmap(page);
    page.queue?.remove(page);
    page.object.pages.delete(page.index);
    return page.frame;
  }

  /** Give up `page` and its frame. */
  free(page: VmPage): void {
    const frame = this.remove(page);
    if (frame !== NO_FRAME) this.freeFrame(frame);
  }

  freeFrame(frame: Frame): void {
    this.#memory.free(frame);
    this.wakeWaiters();
  }

  /** Sleep until a frame has become free. @throws KERN_RESOURCE_SHORTAGE when there will be none */
  *waitForFrame(): Steps {
    const thread = this.#sim.running();
    if (!this.#wanting.has(thread)) this.#wanting.set(thread, this.#sim.now);
    if (!this.#refused.has(thread)) {
      this.whenShort();
      yield* (this.mayUseReserve ? this.#privilegedWaiters : this.#waiters).wait();
    }
    if (!this.#refused.has(thread)) return;
    this.wantsNoMore();
    throw new MachError("KERN_RESOURCE_SHORTAGE", "no page frame");
  }

  /** The running thread can go on: it has got a frame, or needs none now. */
  wantsNoMore(): void {
    const { current } = this.#sim;
    if (this.#wanting.size === 0 || current === undefined) return;
    this.#wanting.delete(current);
    this.#refused.delete(current);
  }

  /** How many wait for a frame. */
  get waiting(): number {
    return this.#waiters.length + this.#privilegedWaiters.length;
  }

  /** Frames that must be free for one of those who wait to go on, whoever it is; and for a pager. */
  get needed(): number[] {
    const forAny = this.#waiters.length > 0 ? [this.reserved + 1] : [];
    return this.#privilegedWaiters.length > 0 ? [...forAny, 1] : forAny;
  }

  /** There may be frames for those who wait. */
  wakeWaiters(): void {
    this.#privilegedWaiters.wakeAll();
    this.#waiters.wakeAll();
  }

  /** If somebody has wanted a frame since `ns`: who has wanted one longest, a pager last, hears that there is none. Whether there was one. */
  refuse(ns: number): boolean {
    const wanting = [...this.#wanting].filter(([thread, since]) => since <= ns && !this.#refused.has(thread));
    const [thread] = wanting.find(([thread]) => !this.privileged.has(thread)) ?? wanting[0] ?? [];
    if (thread === undefined) return false;
    this.#refused.add(thread);
    this.wakeWaiters();
    return true;
  }

  /** Keep `page` where it is until it is unwired as often. */
  wire(page: VmPage): void {
    page.wired++;
    page.queue?.remove(page);
  }

  unwire(page: VmPage): void {
    if (--page.wired > 0) return;
    this.active.append(page);
    page.object.wakeWaiters();
  }
}
