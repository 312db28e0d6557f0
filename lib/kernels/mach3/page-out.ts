/**
 * The page-out daemon: what leaves memory when frames run short.
 *
 * Layer: kernels/mach3; section 4.2 ("when the kernel needs free pages and starts
 * sending the mapped file pages to the Inode Pager to be cleaned"). Pages go from
 * the active to the inactive queue and, if nobody touches them there, out of
 * memory: clean ones at once, dirty ones to their pager, a burst at a time.
 *
 * What counts is that a thread gets on, not that pages move. So no page goes unless
 * enough can go for somebody who waits, nor while a thread waits for it. And who
 * waits too long for a frame, swap space being full or others taking each in turn,
 * is refused, one after the other: what one gives up may be enough for the others.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { Kernel } from "./kernel.ts";
import { pageOut } from "./memory-object/data-write.ts";
import { createBackingStore } from "./memory-object/create.ts";
import type { VmPage } from "./vm-page.ts";

/** The daemon: sleeps until frames run short, then frees what the target asks for. */
export function* pageOutDaemon(kernel: Kernel): Steps {
  const { pages, sim, costs, limits } = kernel;
  const { memory } = kernel.machine;
  const shortage = new WaitQueue(sim, "a shortage of page frames");
  pages.whenShort = () => void shortage.wakeOne();
  let refusedNs = 0; // when somebody was last refused
  for (;;) {
    yield* shortage.wait();
    while (memory.freeFrames < pages.freeTarget) {
      const burst = findVictims(kernel, [pages.freeTarget, ...pages.needed].find((goal) => canBeMet(kernel, goal)) ?? 0);
      for (const page of burst) launder(kernel, page);
      yield* sim.settle();
      if (memory.freeFrames > pages.reserved) pages.wakeWaiters();
      if (sim.now - refusedNs >= costs.shortageWaitNs && pages.refuse(sim.now - costs.shortageWaitNs)) refusedNs = sim.now;
      if (burst.length > 0) yield* sim.sleep(burst.length * costs.burstWaitNs);
      else if (pages.waiting === 0) break; // nothing can go: wait until somebody asks again
      else yield* shortage.wait(limits.burstPages * costs.burstWaitNs);
    }
    pages.wakeWaiters();
  }
}

/** Whether so many pages can go that `goal` frames are free. */
function canBeMet(kernel: Kernel, goal: number): boolean {
  const { pages, machine } = kernel;
  let missing = goal - machine.memory.freeFrames;
  let dirty = 0;
  for (const queue of [pages.inactive, pages.active]) {
    for (let page = queue.first; page !== undefined && missing > 0; page = page.next) {
      const clean = isClean(page);
      if (isHeld(page) || !(clean || canLaunder(kernel, page, dirty))) continue;
      missing--;
      if (!clean) dirty++;
    }
  }
  return missing <= 0;
}

const isClean = ({ dirty, precious }: VmPage): boolean => !dirty && !precious;

const isHeld = ({ object, index }: VmPage): boolean => object.held.includes(index);

/**
 * Free clean pages until `goal` frames are free; the dirty ones met on the way, at most a burst of them. Where the target
 * cannot be met the goal is what those who wait need, and no page goes in vain if not even that can be had.
 */
function findVictims(kernel: Kernel, goal: number): VmPage[] {
  const { pages, limits, machine } = kernel;
  const { active, inactive } = pages;
  const dirty: VmPage[] = [];
  for (let looked = active.length + inactive.length; looked > 0 && dirty.length < limits.burstPages; looked--) {
    const enough = machine.memory.freeFrames + dirty.length >= goal;
    if (enough && (dirty.length === 0 || dirty.length >= limits.burstMinPages)) break;
    refill(kernel);
    const page = inactive.first;
    if (page === undefined) break;
    kernel.charge(kernel.costs.pageOutScanNs, "page-out scan");
    const clean = isClean(page);
    if (page.referenced || isHeld(page) || !(clean || canLaunder(kernel, page, dirty.length))) active.append(page); // or those that cannot go would keep others from their turn
    else if (clean) pages.free(page);
    else {
      inactive.append(page);
      if (!dirty.includes(page)) dirty.push(page);
    }
  }
  return dirty;
}

/** Let the inactive queue have its share, from the pages longest in the active queue. */
function refill({ pages: { active, inactive }, limits }: Kernel): void {
  while (active.first !== undefined && inactive.length < ((active.length + inactive.length) * limits.inactivePercent) / 100) {
    active.first.referenced = false;
    inactive.append(active.first);
  }
}

/** Whether the pager of `page` takes it, and `others` that are on their way already: the default pager only if it has room. */
function canLaunder({ defaultPager }: Kernel, { object, index }: VmPage, others: number): boolean {
  if (!object.temporary) return !object.memoryObject!.dead;
  return object.pagedOut?.has(index) === true || (defaultPager !== undefined && defaultPager.room > others);
}

/** Send `page` to its pager; a temporary object gets one now. */
function launder(kernel: Kernel, page: VmPage): void {
  const { object } = page;
  if (object.memoryObject === undefined) createBackingStore(kernel, object);
  pageOut(kernel, object, [page]);
}
