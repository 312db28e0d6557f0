/** An external pager over an array of bytes, with a log of what it was sent. */
import type { Steps } from "../../../lib/engine/index.ts";
import {
  MEMORY_OBJECT_DATA_REQUEST, MEMORY_OBJECT_DATA_UNLOCK, MEMORY_OBJECT_DATA_WRITE, MEMORY_OBJECT_INIT, MEMORY_OBJECT_LOCK_COMPLETED, MEMORY_OBJECT_TERMINATE,
  VM_PROT_NONE, machMsgReceive, machMsgSend, memoryObjectDataError, memoryObjectDataProvided, memoryObjectDataSupply, memoryObjectDataUnavailable,
  memoryObjectLockRequest, memoryObjectSetAttributes, threadCreate, threadWire, userRead, userWrite, vmAllocate, vmDeallocate,
} from "../../../lib/kernels/mach3/index.ts";
import type { CopyStrategy, MemoryObjectDataRequest, MemoryObjectDataWrite, PortName, Task } from "../../../lib/kernels/mach3/index.ts";

const PAGE = 4096;
/** What the test tells the pager to ask the kernel for. */
const LOCK = "lock";

type Range = Parameters<typeof memoryObjectLockRequest>[2];

export interface PagerOptions {
  pages?: number;
  /** The call that gives data back. */
  supply?: boolean;
  /** Pages that are supplied are wanted back. */
  precious?: boolean;
  /** Pages given unasked with each request. */
  ahead?: number;
  mayCache?: boolean;
  copyStrategy?: CopyStrategy;
  lock?: number;
  /** Pages that the pager has nothing for, or cannot read. */
  holes?: Set<number>;
  bad?: Set<number>;
  /** Time that it takes to be ready. */
  readyNs?: number;
  /** What it does as soon as a lock request is completed. */
  completed?: () => void;
}

/** A pager of `task`: what it keeps, and what it was sent. */
export function pagerOf(task: Task, {
  pages = 24, supply = false, precious = false, ahead = 0, mayCache = false, copyStrategy = "delay", lock = VM_PROT_NONE, holes = new Set(), bad = new Set(), readyNs = 0, completed = () => {},
}: PagerOptions = {}) {
  const { sim } = task.kernel;
  const store = Uint8Array.from({ length: pages * PAGE }, (_, i) => (holes.has(Math.floor(i / PAGE)) ? 0 : (i * 7 + Math.floor(i / PAGE)) % 256));
  const log: string[] = [];
  const port = task.names.allocatePort("memory object", 5);
  const self = task.names.copyout(task.names.copyin(port, "make-send"));
  const state = { control: 0 as PortName, maxWrite: 0, completed: 0 };
  threadCreate(task, "pager", (function* (): Steps {
    threadWire(task);
    for (;;) {
      const message = yield* machMsgReceive(task, port);
      if (message.id !== LOCK) log.push(message.id.replace("memory_object_", ""));
      const [control] = message.ports;
      if (message.id === MEMORY_OBJECT_INIT) {
        state.control = control!;
        if (readyNs > 0) yield* sim.sleep(readyNs);
        yield* memoryObjectSetAttributes(task, control!, { ready: true, mayCache, copyStrategy });
        continue;
      }
      if (message.id === MEMORY_OBJECT_LOCK_COMPLETED) {
        state.completed++;
        completed();
      }
      if (message.id === LOCK) yield* memoryObjectLockRequest(task, state.control, message.data as Range, port);
      if (message.id === MEMORY_OBJECT_DATA_REQUEST) {
        const { offset, length } = message.data as MemoryObjectDataRequest;
        const page = offset / PAGE;
        if (bad.has(page)) yield* memoryObjectDataError(task, control!, offset, length);
        else if (holes.has(page)) yield* memoryObjectDataUnavailable(task, control!, offset, length);
        else {
          const bytes = Math.min(length + ahead * PAGE, store.length - offset);
          const address = vmAllocate(task, bytes);
          yield* userWrite(task, address, store.subarray(offset, offset + bytes));
          const memory = { address, bytes, deallocate: true };
          if (supply) yield* memoryObjectDataSupply(task, control!, offset, memory, { lock, precious });
          else yield* memoryObjectDataProvided(task, control!, offset, memory, lock);
        }
      } else if (message.id === MEMORY_OBJECT_DATA_WRITE) {
        const { offset } = message.data as MemoryObjectDataWrite;
        const { address, bytes } = message.memory[0]!;
        store.set(yield* userRead(task, address, bytes), offset);
        for (let at = 0; at < bytes; at += PAGE) holes.delete((offset + at) / PAGE);
        state.maxWrite = Math.max(state.maxWrite, bytes / PAGE);
        vmDeallocate(task, address, bytes);
      } else if (message.id === MEMORY_OBJECT_DATA_UNLOCK) {
        const { offset, length } = message.data as MemoryObjectDataRequest;
        yield* memoryObjectLockRequest(task, control!, { offset, length, lock: VM_PROT_NONE });
      } else if (message.id === MEMORY_OBJECT_TERMINATE) {
        task.names.destroy(control!);
        continue;
      }
      if (control !== undefined) task.names.deallocate(control);
    }
  })(), { daemon: true });
  return {
    store, log, port, state,
    /** How many of the messages were such. */
    count: (id: string) => log.filter((logged) => logged === id).length,
    sendRight: (to: Task) => to.names.copyout(task.names.copyin(port, "make-send")),
    /** Have the pager's own thread ask for pages to be cleaned or flushed, and wait until it has got all that comes of it. */
    *lockRequest(first: number, count: number, request: { clean?: boolean; flush?: boolean }): Steps {
      const wanted = state.completed + 1;
      yield* machMsgSend(task, { id: LOCK, remote: self, data: { offset: first * PAGE, length: count * PAGE, ...request } });
      for (const begin = sim.now; state.completed < wanted; yield* sim.sleep(100_000)) if (sim.now > begin + 10e9) throw new Error("a lock request is not answered");
    },
  };
}
