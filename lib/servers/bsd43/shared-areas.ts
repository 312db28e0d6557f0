/**
 * The memory that a process and the server share: the two shared pages (section 3.1.1), and a bounce buffer.
 *
 * Layer: servers/bsd43.
 */
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { VM_PROT_READ, vmDeallocate, vmShare, vmWire } from "../../kernels/mach3/index.ts";
import type { Protection, Task, WiredMemory } from "../../kernels/mach3/index.ts";
import type { PipeHost } from "../../unix/pipe.ts";

/** Memory of the server, and where the process has it. */
export interface SharedArea {
  readonly memory: WiredMemory;
  readonly address: number;
}

/** The page that the process may only read, the one that it may write, and the bounce buffer, of two pages. */
export type SharedAreas = readonly [readOnly: SharedArea, writable: SharedArea, bounce?: SharedArea];

/** Who shares: the server. */
export interface Sharer {
  readonly task: Task;
  readonly pipeHost: Pick<PipeHost, "frame" | "free">;
}

/** Let `server` and `task` share pages of zeros, with or without a `bounce` buffer. @throws ENOMEM; KERN_NO_SPACE, when the task has no room */
export function shareAreas(server: Sharer, task: Task, { bounce }: { bounce: boolean }): SharedAreas {
  const areas: SharedArea[] = [];
  try {
    areas.push(share(server, task, ["read-only page"], VM_PROT_READ));
    areas.push(share(server, task, ["writable page"]));
    if (bounce) areas.push(share(server, task, ["bounce buffer", "bounce buffer"]));
  } catch (error) {
    unshare(server, areas);
    throw error;
  }
  return areas as unknown as SharedAreas;
}

/** The server gives up what it shares; the task keeps it as long as that lives. */
export function unshare({ task }: Sharer, areas: Iterable<SharedArea | undefined>): void {
  for (const area of areas) if (area !== undefined) vmDeallocate(task, area.memory.address, area.memory.frames.length * PAGE_BYTES);
}

/** A page for each of the `owners` in the machine's memory. */
function share({ task: own, pipeHost }: Sharer, task: Task, owners: readonly string[], protection?: Protection): SharedArea {
  const frames: Frame[] = [];
  try {
    for (const owner of owners) frames.push(pipeHost.frame(owner));
  } catch (error) {
    frames.forEach((frame) => pipeHost.free(frame));
    throw error;
  }
  for (const frame of frames) own.kernel.machine.memory.page(frame).fill(0);
  const memory = vmWire(own, frames, true);
  try {
    return { memory, address: vmShare(task, memory, protection) };
  } catch (error) {
    vmDeallocate(own, memory.address, frames.length * PAGE_BYTES);
    throw error;
  }
}
