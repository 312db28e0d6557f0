/**
 * Tasks and threads: execution environments, and what executes in them.
 *
 * Layer: kernels/mach3; section 2 ("the basic unit of resource allocation. Both
 * include virtual memory and threads. The Mach task also includes port rights").
 */
import type { Space, Steps, Thread, ThreadOptions } from "../../engine/index.ts";
import { inheritMemory, unmapRange } from "./address-space.ts";
import type { Kernel } from "./kernel.ts";
import type { PortName } from "./message.ts";
import { NameSpace } from "./name-space.ts";
import { Pmap } from "./pmap.ts";
import type { Redirection } from "./trap.ts";
import { VmMap } from "./vm-map.ts";

/** Where the kernel's code runs. */
export const KERNEL: Space = { name: "kernel", mode: "supervisor" };

export class Task implements Space {
  readonly kernel: Kernel;
  readonly name: string;
  readonly mode = "user";
  readonly names: NameSpace;
  readonly map = new VmMap();
  readonly pmap = new Pmap();
  /** Traps that go to a routine of the task, or of one that handles them; see trap.ts. */
  readonly emulation = new Map<number, Redirection>();
  readonly threads = new Set<Thread>();
  terminated = false;
  readonly #replyPorts = new Map<Thread, PortName>();

  constructor(kernel: Kernel, name: string) {
    this.kernel = kernel;
    this.name = name;
    this.names = new NameSpace(kernel.sim, name);
  }

  /** Add work of the task's own code, called `what`, to what the running thread owes. */
  charge(ns: number, what: string): void {
    this.kernel.machine.processor.charge(ns, what);
  }

  /** mig_get_reply_port: the port on which the running thread gets its answers. */
  replyPort(): PortName {
    const thread = this.kernel.sim.running();
    let name = this.#replyPorts.get(thread);
    if (name === undefined) {
      name = this.names.allocatePort(`replies to ${thread.name}`, this.kernel.limits.queueLimit);
      this.#replyPorts.set(thread, name);
    }
    return name;
  }
}

/** task_create (section 2): a task with what `parent` lets it inherit of its memory and its emulation. */
export function* taskCreate(parent: Task, name: string): Steps<Task> {
  const child = new Task(parent.kernel, name);
  for (const [number, routine] of parent.emulation) child.emulation.set(number, routine);
  let complete = false;
  try {
    yield* inheritMemory(parent, child);
    complete = true;
  } finally {
    if (!complete) taskTerminate(child);
  }
  return child;
}

/** thread_create (section 2): a thread of `task` that takes `steps`. */
export function threadCreate<T>(task: Task, name: string, steps: Steps<T>, options: Omit<ThreadOptions, "processor"> = {}): Thread<T> {
  const { sim, machine } = task.kernel;
  const thread = sim.spawn(name, steps, { processor: machine.processor, ...options });
  thread.context = task;
  task.threads.add(thread as Thread);
  return thread;
}

/** thread_wire: let the running thread use the last free frames, because others wait for what it does. */
export function threadWire(task: Task): void {
  task.kernel.pages.privileged.add(task.kernel.sim.running());
}

/** task_terminate (section 2): end `task`, its threads other than the running one, its memory and its rights. */
export function taskTerminate(task: Task): void {
  const { kernel } = task;
  if (task.terminated) return;
  task.terminated = true;
  for (const thread of task.threads) {
    kernel.pages.privileged.delete(thread);
    if (thread.ended || thread === kernel.sim.current) continue;
    thread.steps.return(undefined); // gives up what the kernel held for it
    thread.steps = ended();
    thread.owedNs = 0;
    kernel.sim.wake(thread);
  }
  task.names.destroyAll();
  for (const { start, end } of [...task.map.entries()]) unmapRange(task, start, end - start);
}

function* ended(): Steps {}
