/** A process that speaks with the server by itself, and not through its library; and what the server holds. */
import { expect } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { PortName } from "../../../lib/kernels/mach3/index.ts";
import type { ServerProcess } from "../../../lib/servers/bsd43/processes.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;
export const PAGE = 4096;

export const WAYS = {
  "mapped files": {}, "a bounce buffer": { mappedFiles: false }, "data in messages": { mappedFiles: false, sharedPages: false },
} as const;
export type Way = keyof typeof WAYS;

export const systemWith = (way: Way): System => {
  const system = boot("mach3", { machine, mapping: WAYS[way] });
  system.prepare({ "/file": 20_000 });
  return system;
};
export const serverOf = (system: System): Bsd43Server => system.os as unknown as Bsd43Server;

export function* selfOf(system: System, unix: Unix): Steps<ServerProcess> {
  return serverOf(system).processes.get(yield* unix.getpid());
}

/** A send right of `self` to the port that its library sends to. */
export const portOf = ({ processes, task }: Bsd43Server, self: ServerProcess): PortName => {
  expect(processes.get(self.process.pid)).toBe(self);
  return self.task.names.copyout(task.names.copyin(self.requests, "make-send"));
};

/** What the server holds: pages of its address space, names of rights but for its threads' own reply ports, free frames. */
export function held(system: System): Record<string, number> {
  const { task, machine: { memory } } = serverOf(system);
  const { names } = task;
  return {
    pages: [...task.map.entries()].reduce((sum, { start, end }) => sum + (end - start) / PAGE, 0),
    names: names.names().filter((name) => !(names.rights(name).receive && names.receiveRight(name).name.startsWith("replies to"))).length,
    freeFrames: memory.freeFrames,
  };
}
