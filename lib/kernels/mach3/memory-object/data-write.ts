/**
 * memory_object_data_write: the kernel gives dirty pages to be written (section 4.2).
 *
 * Layer: kernels/mach3; kernel to pager. Sent when a lock request asks for it, when
 * memory is short, and when an object ends. The pages travel out of line; the pager
 * gives them back with vm_deallocate when they are on its disk. No answer.
 */
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import type { Frame } from "../../../hardware/memory.ts";
import type { Kernel } from "../kernel.ts";
import { kernelMessage } from "../message.ts";
import { copyOfFrames } from "../vm-copy.ts";
import type { VmObject } from "../vm-object.ts";
import type { VmPage } from "../vm-page.ts";

export const MEMORY_OBJECT_DATA_WRITE = "memory_object_data_write";

/** In-line data; `ports` has the control port, `memory` the pages. */
export interface MemoryObjectDataWrite {
  /** In bytes. */
  offset: number;
}

/** Take `pages` of `object` out of memory and send them to its pager, as few messages as they need. */
export function pageOut(kernel: Kernel, object: VmObject, pages: readonly VmPage[]): void {
  for (const run of consecutive(pages, kernel.limits.dataWritePages)) {
    const { index } = run[0]!;
    if (object.temporary) for (const page of run) keepRoom(kernel, object, page.index);
    memoryObjectDataWrite(kernel, object, index, run.map((page) => kernel.pages.remove(page)));
  }
}

/** Page `index` of a temporary `object` is the default pager's from now on, and has its room until the object ends. */
function keepRoom({ defaultPager }: Kernel, object: VmObject, index: number): void {
  object.pagedOut ??= new Set();
  if (defaultPager !== undefined && !object.pagedOut.has(index)) defaultPager.room--;
  object.pagedOut.add(index);
}

/** `pages` in runs of neighbours, each of at most `longest`. */
function consecutive(pages: readonly VmPage[], longest: number): VmPage[][] {
  const runs: VmPage[][] = [];
  for (const page of [...pages].sort((a, b) => a.index - b.index)) {
    const run = runs[runs.length - 1];
    if (run !== undefined && run.length < longest && run[run.length - 1]!.index === page.index - 1) run.push(page);
    else runs.push([page]);
  }
  return runs;
}

/** Send `frames`, which are the kernel's, as the data of `object` from page `index` on. */
export function memoryObjectDataWrite(kernel: Kernel, object: VmObject, index: number, frames: Frame[]): void {
  const data: MemoryObjectDataWrite = { offset: index * PAGE_BYTES };
  kernel.counters.pageOuts += frames.length;
  kernel.charge(kernel.costs.dataWriteNs, "memory_object_data_write");
  const pages = frames.length;
  count(object, index, pages, 1);
  kernel.pages.inTransit += pages;
  const landed = (): void => {
    count(object, index, pages, -1);
    kernel.pages.inTransit -= pages;
  };
  kernel.send(object.memoryObject!, kernelMessage(MEMORY_OBJECT_DATA_WRITE, data, {
    ports: [kernel.sendRight(object.control!)],
    memory: [{ landed, ...copyOfFrames(kernel, frames) }],
  }));
}

/** Count the messages in which each page of a range is on its way. */
function count(object: VmObject, first: number, pages: number, change: 1 | -1): void {
  const inFlight = (object.inFlight ??= new Map());
  for (let index = first; index < first + pages; index++) {
    const messages = (inFlight.get(index) ?? 0) + change;
    if (messages > 0) inFlight.set(index, messages);
    else inFlight.delete(index);
  }
}
