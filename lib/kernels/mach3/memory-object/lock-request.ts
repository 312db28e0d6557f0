/**
 * memory_object_lock_request: the pager wants its pages cleaned, flushed or protected (section 4.2).
 *
 * Layer: kernels/mach3; pager to kernel. The kernel, "which knows which pages have
 * actually been written by the user", sends dirty pages with
 * memory_object_data_write, as many neighbours in one message as it may. Answer, if
 * a port for it was given: memory_object_lock_completed, after all of them.
 *
 * What a pager flushes it may change. Copies of the memory that still find pages
 * there get them first, and where they are not in memory the pager is asked for
 * them: it must not change them before the answer.
 */
import type { Steps } from "../../../engine/index.ts";
import { PAGE_BYTES } from "../../../hardware/memory.ts";
import type { Frame } from "../../../hardware/memory.ts";
import { machMsgSend } from "../ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage, PortName } from "../message.ts";
import { completeCopy, handOver, inMemory, isUnpushed, pushPage, unpushedPages } from "../copy-object.ts";
import { MachError } from "../errors.ts";
import { residentPage } from "../fault.ts";
import { Pmap } from "../pmap.ts";
import type { Task } from "../task.ts";
import { releaseObject } from "../vm-object.ts";
import type { PageRange, VmObject } from "../vm-object.ts";
import { NO_FRAME, VM_PROT_READ, VM_PROT_WRITE, pagesOf } from "../vm-page.ts";
import type { Protection, VmPage } from "../vm-page.ts";
import { memoryObjectDataWrite, pageOut } from "./data-write.ts";
import { memoryObjectLockCompleted } from "./lock-completed.ts";

export const MEMORY_OBJECT_LOCK_REQUEST = "memory_object_lock_request";

/** In-line data; the answer goes to the reply port. */
export interface MemoryObjectLockRequest {
  /** In bytes. */
  offset: number;
  length: number;
  /** Send dirty pages to be written. */
  clean: boolean;
  /** Take the pages out of memory. */
  flush: boolean;
  /** Accesses to forbid from now on; undefined leaves them as they are. */
  lock: Protection | undefined;
}

/** memory_object_lock_request (section 4.2): `replyPort`, if given, gets memory_object_lock_completed. */
export function* memoryObjectLockRequest(task: Task, control: PortName, request: Partial<MemoryObjectLockRequest> & { offset: number; length: number }, replyPort?: PortName): Steps {
  const data: MemoryObjectLockRequest = { clean: false, flush: false, lock: undefined, ...request };
  yield* machMsgSend(task, { id: MEMORY_OBJECT_LOCK_REQUEST, remote: control, local: replyPort, data });
}

/** The kernel takes the message. */
export function* takeLockRequest(kernel: Kernel, object: VmObject, message: KernelMessage): Steps {
  const { offset, length, flush } = message.data as MemoryObjectLockRequest;
  kernel.charge(kernel.costs.lockRequestNs, "memory_object_lock_request");
  const range = { first: offset / PAGE_BYTES, end: offset / PAGE_BYTES + pagesOf(length) };
  const unpushed = flush ? unpushedPages(object, range) : [];
  if (unpushed.every((index) => inMemory(object, index) !== undefined)) return yield* carryOut(kernel, object, message, range);
  object.references++;
  kernel.startThread(`flush of ${object.name}`, carryOutLater(kernel, object, message, range)); // the sender may be the very one who must give the pages
}

function* carryOutLater(kernel: Kernel, object: VmObject, message: KernelMessage, range: PageRange): Steps {
  try {
    yield* carryOut(kernel, object, message, range);
  } finally {
    releaseObject(kernel, object);
  }
}

function* carryOut(kernel: Kernel, object: VmObject, message: KernelMessage, range: PageRange): Steps {
  const { offset, length, clean, flush, lock } = message.data as MemoryObjectLockRequest;
  for (;;) {
    if (flush) yield* satisfyCopies(kernel, object, range, clean);
    const pages = residentPages(object, offset / PAGE_BYTES, pagesOf(length));
    kernel.charge(pages.length * kernel.costs.lockRequestPageNs, "memory_object_lock_request");
    const complete = flush ? flushPages(kernel, object, pages, clean) : !clean || cleanPages(kernel, object, pages);
    if (complete) break;
    yield* object.waiters.wait(); // a transfer that has wired a page ends
  }
  if (lock !== undefined) for (const page of residentPages(object, offset / PAGE_BYTES, pagesOf(length))) protect(page, lock);
  object.wakeWaiters();
  if (message.reply !== undefined) memoryObjectLockCompleted(kernel, message.reply, offset, length);
}

/** Give the copies of `object` the pages of the range that they still find there; a dirty one that is to be cleaned stays there too. */
function* satisfyCopies(kernel: Kernel, object: VmObject, range: PageRange, clean: boolean): Steps {
  for (;;) {
    const [index] = unpushedPages(object, range);
    if (index === undefined) break;
    try {
      const page = inMemory(object, index);
      if (page === undefined) yield* residentPage(kernel, object, index, VM_PROT_READ); // then look again: a copy may have got it meanwhile
      else if (!clean || !(page.dirty || page.precious)) handOver(kernel, page);
      else if (pushPage(kernel, page) === undefined) yield* kernel.pages.waitForFrame();
    } catch (error) {
      if (!(error instanceof MachError)) throw error;
      if (isUnpushed(object, index)) kernel.pages.insert(object.copy!, index, NO_FRAME).error = true; // who needs it hears that it is lost
    }
  }
  kernel.pages.wantsNoMore();
  completeCopy(kernel, object);
}

/** The pages of a range that are in memory and not in the hands of the pager. */
function residentPages(object: VmObject, first: number, count: number): VmPage[] {
  const within = (page: VmPage | undefined): page is VmPage => page !== undefined && page.frame !== NO_FRAME && page.index >= first && page.index < first + count;
  if (count > object.pages.size) return [...object.pages.values()].filter(within);
  return Array.from({ length: count }, (_, i) => object.pages.get(first + i)).filter(within);
}

/** Take the pages out of memory, and if they are to be cleaned send those that the pager has not; whether that was all, or some are wired. */
function flushPages(kernel: Kernel, object: VmObject, pages: readonly VmPage[], clean: boolean): boolean {
  const loose = pages.filter((page) => page.wired === 0);
  if (clean) pageOut(kernel, object, loose.filter((page) => page.dirty || page.precious));
  for (const page of loose) if (object.pages.get(page.index) === page) kernel.pages.free(page);
  return loose.length === pages.length;
}

/**
 * Send copies of those of the pages that are dirty to be written, in runs of neighbours; they stay and are clean. A page
 * for whose copy there is no frame goes itself: its pager must not wait for memory that only others can give up. Whether
 * that was all: a wired one cannot go.
 */
function cleanPages(kernel: Kernel, object: VmObject, pages: readonly VmPage[]): boolean {
  let complete = true;
  let frames: Frame[] = [];
  let first = 0;
  const send = (): void => {
    if (frames.length > 0) memoryObjectDataWrite(kernel, object, first, frames);
    frames = [];
  };
  for (const page of [...pages].sort((a, b) => a.index - b.index)) {
    if (page.busy || !page.dirty) continue;
    if (page.index !== first + frames.length || frames.length === kernel.limits.dataWritePages) send();
    const copy = kernel.pages.allocateFrame(object.name);
    if (copy === undefined && page.wired > 0) {
      complete = false;
      continue;
    }
    if (frames.length === 0) first = page.index;
    if (copy === undefined) frames.push(kernel.pages.remove(page));
    else {
      kernel.copyFrame(page.frame, copy);
      page.dirty = false;
      frames.push(copy);
    }
  }
  send();
  return complete;
}

function protect(page: VmPage, lock: Protection): void {
  page.lock = lock;
  if ((lock & VM_PROT_READ) !== 0) Pmap.unmap(page);
  else if ((lock & VM_PROT_WRITE) !== 0) Pmap.writeProtect(page);
}
