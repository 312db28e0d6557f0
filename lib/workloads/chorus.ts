/**
 * The benchmarks that only CHORUS/MiX has: the null RPC of Table 5-2, the raw disk of
 * Table 5-7 and the cost of pullIn, section 5.
 *
 * Layer: workloads. They run inside the system, in the actors where the authors ran
 * them, and not in a process.
 */
import type { Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { packAnnex, portTarget, statusReply } from "../kernels/chorus/index.ts";
import type { Actor } from "../kernels/chorus/index.ts";
import { InputError } from "../schema/index.ts";
import { Mix } from "../servers/mix/mix.ts";
import { Server } from "../servers/mix/server.ts";
import type { System } from "../systems/system.ts";
import { stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const PATH = "/same-page";

/** The MiX of `system`. @throws InputError when it is another system */
export function mixOf({ os, name }: System): Mix {
  if (!(os instanceof Mix)) throw new InputError(`this benchmark needs CHORUS/MiX, "mix", and not "${name}"`);
  return os;
}

/** Time `turns` turns, after one that is not measured. */
function* timed(system: System, turns: number, turn: (index: number) => Steps<unknown>, bytesPerTurn = 0): Steps<Measurement> {
  const { sim } = system;
  let stop = stopwatch(system);
  for (let index = 0; index <= turns; index++) {
    yield* turn(index);
    yield* sim.settle();
    if (index === 0) stop = stopwatch(system);
  }
  return stop(turns, turns * bytesPerTurn);
}

/** Run `steps` in a thread of `actor`; what they give. */
function runIn<T>(system: System, actor: Actor, steps: Steps<T>): T {
  const thread = mixOf(system).nucleus.threadCreate(actor, "benchmark", steps);
  system.sim.run();
  return thread.result!;
}

/** A null ipcCall() from one actor to another, loaded as the servers are: Table 5-2, "Null RPC". */
export function nullRpc(system: System, turns = 400): Measurement {
  const mix = mixOf(system);
  const { nucleus } = mix;
  const server = new Server(nucleus, "null server", mix.structure, function* () {
    return statusReply(0);
  });
  const client = nucleus.actorCreate("null client", mix.structure.mode);
  const request = { annex: packAnnex([0]) };
  return runIn(system, client, timed(system, turns, () => nucleus.ipc.ipcCall(portTarget(server.port.ui), request)));
}

/** The disk read from within the Object Manager, one transfer after the other: Table 5-7, "Sequential read". */
export function objectManagerSequentialRead(system: System, readBytes: number, reads = 256): Measurement {
  const { objectManager } = mixOf(system);
  return runIn(system, objectManager.server.actor, timed(system, reads, (index) => objectManager.raw.read(index * readBytes, readBytes), readBytes));
}

/** Likewise, always the same block: Table 5-7, "Same Block read". */
export function objectManagerSameBlockRead(system: System, readBytes: number, reads = 256): Measurement {
  const { objectManager } = mixOf(system);
  return runIn(system, objectManager.server.actor, timed(system, reads, () => objectManager.raw.read(0, readBytes), readBytes));
}

/** "A loop for loading the same [page] from the Mapper in physical memory": section 5, 5 ms. */
export function pullInLoop(system: System, turns = 256): Measurement {
  const { nucleus, objectManager } = mixOf(system);
  system.prepare({ [PATH]: PAGE_BYTES });
  return system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "read" }); // it stays open meanwhile, as any file that is read
    yield* unix.read(fd, 1);
    const { inode } = yield* unix.stat(PATH);
    const segment = { port: objectManager.server.port.ui, key: objectManager.files.keyOf(inode) };
    const loop = nucleus.threadCreate(nucleus.own, "benchmark", timed(system, turns, () => nucleus.memory.loadAgain(segment, 0), PAGE_BYTES));
    const result = yield* system.sim.join(loop);
    yield* unix.close(fd);
    return result;
  });
}

/** Thread switches of one read() of 4096 bytes that has to go to the disk. */
export function switchesPerRead(system: System, reads = 256): number {
  const { counters } = mixOf(system).nucleus;
  system.prepare({ [PATH]: reads * PAGE_BYTES });
  return system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "read" });
    const before = counters.threadSwitches;
    for (let i = 0; i < reads; i++) yield* unix.read(fd, PAGE_BYTES);
    const switches = counters.threadSwitches - before;
    yield* unix.close(fd);
    return switches / reads;
  });
}
