/**
 * The page-out daemon: what leaves memory when frames run short.
 *
 * Layer: kernels/mach3; section 4.2 ("when the kernel needs free pages and starts
 * sending the mapped file pages to the Inode Pager to be cleaned"). Pages go from
 * the active to the inactive queue and, if nobody touches them there, out of
 * memory: clean ones at once, dirty ones to their pager, a burst at a time.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { Kernel } from "./kernel.ts";
import { pageOut } from "./memory-object/data-write.ts";
import { createBackingStore } from "./memory-object/create.ts";
import type { VmPage } from "./vm-page.ts";

/** The daemon: sleeps until frames run short, then frees what the target asks for. */
export function* pageOutDaemon(kernel: Kernel): Steps {
  const { pages, sim } = kernel;
  const { memory } = kernel.machine;
  const shortage = new WaitQueue(sim, "a shortage of page frames");
  pages.whenShort = () => void shortage.wakeOne();
  for (;;) {
    yield* shortage.wait();
    while (memory.freeFrames < pages.freeTarget) {
      const burst = findVictims(kernel);
      for (const page of burst) launder(kernel, page);
      yield* sim.settle();
      if (burst.length > 0) yield* sim.sleep(burst.length * kernel.costs.burstWaitNs);
      else if (memory.freeFrames < pages.freeTarget) break; // nothing can go: wait until somebody asks again
    }
  }
}

/** Free clean pages until the target is met; the dirty ones met on the way, at most a burst of them. */
function findVictims(kernel: Kernel): VmPage[] {
  const { pages, limits, machine } = kernel;
  const { active, inactive } = pages;
  const dirty: VmPage[] = [];
  for (let looked = active.length + inactive.length; looked > 0 && dirty.length < limits.burstPages; looked--) {
    const enough = machine.memory.freeFrames + dirty.length >= pages.freeTarget;
    if (enough && (dirty.length === 0 || dirty.length >= limits.burstMinPages)) break;
    refill(kernel);
    const page = inactive.first;
    if (page === undefined) break;
    kernel.charge(kernel.costs.pageOutScanNs, "page-out scan");
    if (page.referenced) active.append(page);
    else if (page.dirty || page.precious) {
      inactive.append(page);
      if (!dirty.includes(page) && canLaunder(kernel, page)) dirty.push(page);
    } else pages.free(page);
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

function canLaunder(kernel: Kernel, { object }: VmPage): boolean {
  return object.memoryObject !== undefined ? !object.memoryObject.dead : kernel.defaultPager !== undefined;
}

/** Send `page` to its pager; a temporary object gets one now. */
function launder(kernel: Kernel, page: VmPage): void {
  const { object } = page;
  if (object.memoryObject === undefined) createBackingStore(kernel, object);
  pageOut(kernel, object, [page]);
}
