/**
 * Traps, and Trap Emulation.
 *
 * Layer: kernels/mach3; section 2 ("the Mach kernel enables a task to redirect any
 * trap number back into the user task making the trap"). A redirected trap costs
 * the way in and the way out to the routine; its return needs no kernel. A trap that
 * another task handles, which section 6.2 proposes, goes into that task's address space
 * on the caller's thread, and comes back with a trap of its own.
 */
import { spanned } from "../../engine/index.ts";
import type { Space, Steps } from "../../engine/index.ts";
import { MachError } from "./errors.ts";
import type { Task } from "./task.ts";

/** The routines share the address space of the program that trapped. */
const EMULATION_LIBRARY: Space = { name: "Emulation Library", mode: "user" };

/** A routine in the task's address space that emulates a system call; it gets the task that trapped. */
export type EmulationRoutine = (task: Task, args: readonly unknown[]) => Steps<unknown>;

/** Where a redirected trap goes: to a routine of the task itself, or of another one that handles it. */
export interface Redirection {
  readonly routine: EmulationRoutine;
  readonly handler: Task | undefined;
}

/** The trap that does nothing: what Table 5-2 calls a null trap. */
export const NULL_TRAP = 0;

/** task_set_emulation (section 2): from now on `trapNumber` in `task` goes to `routine`; children inherit it. */
export function taskSetEmulation(task: Task, trapNumber: number, routine: EmulationRoutine): void {
  task.emulation.set(trapNumber, { routine, handler: undefined });
}

/** From now on `routine` of `handler` serves `trapNumber` of `task` on the thread that traps, as svTrapConnect of CHORUS has it (section 6.2); children inherit it. */
export function taskSetHandler(task: Task, trapNumber: number, handler: Task, routine: EmulationRoutine): void {
  task.emulation.set(trapNumber, { routine, handler });
}

/** `task` traps with `trapNumber`. @throws KERN_INVALID_ARGUMENT for a number that nobody handles. */
export function* trap(task: Task, trapNumber: number, args: readonly unknown[] = []): Steps<unknown> {
  const { kernel } = task;
  kernel.trapped("Trap to Unix");
  const redirection = task.emulation.get(trapNumber);
  if (redirection === undefined) {
    if (trapNumber !== NULL_TRAP) throw new MachError("KERN_INVALID_ARGUMENT", `trap ${trapNumber} of ${task.name}`);
    yield* kernel.sim.settle();
    return undefined;
  }
  kernel.counters.redirectedTraps++;
  kernel.charge(kernel.costs.trapRedirectNs, "Trap to Unix");
  const { routine, handler } = redirection;
  if (handler !== undefined) return yield* spanned(kernel.sim, "Trap Handler", handled(task, handler, routine(task, args)), handler);
  return yield* spanned(kernel.sim, "Emulation Library", routine(task, args), EMULATION_LIBRARY);
}

/** The running thread of `task` takes `steps` in the address space of `handler`, whose user mode it leaves by a trap. */
function* handled(task: Task, handler: Task, steps: Steps<unknown>): Steps<unknown> {
  const { kernel } = task;
  const thread = kernel.sim.running();
  kernel.charge(kernel.costs.handlerNs, "Trap to Unix");
  kernel.enterSpace(thread, handler);
  try {
    return yield* steps;
  } finally {
    if (!task.terminated) {
      kernel.trapped("Trap to Unix");
      kernel.enterSpace(thread, task);
    }
  }
}
