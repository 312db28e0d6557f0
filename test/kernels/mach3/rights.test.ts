import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MachError } from "../../../lib/kernels/mach3/index.ts";
import type { PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import type { Disposition, Right } from "../../../lib/kernels/mach3/message.ts";
import { releaseRight } from "../../../lib/kernels/mach3/port.ts";
import type { Port } from "../../../lib/kernels/mach3/port.ts";
import { rig } from "./rig.ts";

const dispositions: Disposition[] = ["move-receive", "move-send", "move-send-once", "copy-send", "make-send", "make-send-once"];

const step = fc.record({
  what: fc.constantFrom("allocate", "copyin", "copyout", "release", "deallocate", "destroy"),
  task: fc.nat(2),
  pick: fc.nat(20),
  disposition: fc.constantFrom(...dispositions),
});

describe("port rights", () => {
  it("none is lost or doubled, whatever tasks do with them", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { task } = rig({ megabytes: 2 });
      const tasks = ["a", "b", "c"].map(task);
      const ports: Port[] = [];
      const inFlight: Right[] = [];
      for (const { what, task: who, pick, disposition } of steps) {
        const { names } = tasks[who]!;
        const known = names.names();
        const name = known[pick % Math.max(1, known.length)];
        try {
          if (what === "allocate") ports.push(names.receiveRight(names.allocatePort(`port ${ports.length}`, 5)));
          else if (what === "copyin" && name !== undefined) inFlight.push(names.copyin(name, disposition));
          else if (what === "copyout" && inFlight.length > 0) names.copyout(inFlight.splice(pick % inFlight.length, 1)[0]!);
          else if (what === "release" && inFlight.length > 0) releaseRight(inFlight.splice(pick % inFlight.length, 1)[0]!);
          else if (what === "deallocate" && name !== undefined) names.deallocate(name);
          else if (what === "destroy" && name !== undefined) names.destroy(name);
        } catch (error) {
          if (!(error instanceof MachError)) throw error;
        }
        audit(tasks, ports, inFlight);
      }
    }), { numRuns: 300 });
  });
});

/** Each live port has one receive right somewhere, and counts exactly the send and send-once rights that there are. */
function audit(tasks: readonly Task[], ports: readonly Port[], inFlight: readonly Right[]): void {
  for (const port of ports) {
    if (port.dead) continue;
    let [receives, sends, onces] = [0, 0, 0];
    for (const right of inFlight) {
      if (right.port !== port) continue;
      if (right.kind === "receive") receives++;
      if (right.kind === "send") sends++;
      if (right.kind === "send-once") onces++;
    }
    for (const { names } of tasks) {
      const under = (name: PortName) => names.rights(name);
      for (const name of names.names()) {
        const rights = under(name);
        if (rights.set || rights.dead || names.destination(name) !== port) continue;
        if (rights.receive) receives++;
        if (rights.sends > 0) sends++;
        if (rights.sendOnce) onces++;
      }
    }
    expect({ receives, sends, onces }).toEqual({ receives: 1, sends: port.sendRights, onces: port.sendOnceRights });
  }
}
