/** A kernel on a machine of the tests' own size, without a disk unless one is asked for. */
import { readFileSync } from "node:fs";
import { Simulation } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { Machine } from "../../../lib/hardware/machine.ts";
import { machineShape } from "../../../lib/hardware/machine-file.ts";
import { Kernel, Task, kernelShape, threadCreate } from "../../../lib/kernels/mach3/index.ts";
import type { DeviceDriver, KernelSpec } from "../../../lib/kernels/mach3/index.ts";
import { override, parameters } from "../../../lib/schema/index.ts";

const data = (path: string): unknown => JSON.parse(readFileSync(new URL(`../../../data/${path}`, import.meta.url), "utf8"));
const { kernel, limits, name, description } = data("systems/mach3.json") as Record<string, unknown>;
const kernelParameters = parameters(kernelShape, { name, description, kernel, limits }, "mach3.json");
const machineParameters = parameters(machineShape, data("machines/hp-vectra.json"), "hp-vectra.json");

export interface RigOptions {
  megabytes?: number;
  limits?: Partial<KernelSpec["limits"]>;
  drivers?: (machine: Machine) => Record<string, DeviceDriver>;
  seed?: number;
}

/** A kernel whose clock interrupts cost nothing, so that elapsed times are sums of costs. */
export function rig({ megabytes = 4, limits: changed = {}, drivers = () => ({}), seed = 1 }: RigOptions = {}) {
  const sim = new Simulation({ seed });
  const machine = new Machine(sim, override(machineParameters, { memory: { sizeMB: megabytes }, processor: { tickUs: 0 } }).values);
  const kernel = new Kernel(machine, override(kernelParameters, { limits: changed }).values, drivers(machine));
  return {
    sim, machine, kernel,
    task: (name: string) => new Task(kernel, name),
    /** Run `steps` as a thread of `task` until it ends; what it returned. */
    run<T>(task: Task, steps: Steps<T>): T {
      const thread = threadCreate(task, `main of ${task.name}`, steps);
      sim.run();
      return thread.result as T;
    },
  };
}

/** A driver that keeps its sectors in an array and answers after `delayNs`. */
export function ramDisk(machine: Machine, sectors: number, delayNs = 1_000_000): DeviceDriver & { bytes: Uint8Array; fail: Set<number>; requests: number } {
  const bytes = new Uint8Array(sectors * 512);
  const fail = new Set<number>();
  const driver = {
    sectors, bytes, fail, requests: 0,
    strategy({ op, sector, sectors: count, frames, offset, done }: Parameters<DeviceDriver["strategy"]>[0]): void {
      driver.requests++;
      machine.sim.after(delayNs, () => {
        const failed = Array.from({ length: count }, (_, i) => sector + i).some((s) => fail.has(s));
        for (let i = 0; i < count && !failed; i++) {
          const at = offset + 512 * i;
          const memory = machine.memory.view(frames[Math.floor(at / 4096)]! * 4096 + (at % 4096), 512);
          const disk = bytes.subarray((sector + i) * 512, (sector + i + 1) * 512);
          if (op === "read") memory.set(disk);
          else disk.set(memory);
        }
        machine.processor.interrupt("disk", 0, () => done(failed ? "EIO" : undefined));
      });
    },
  };
  return driver;
}
