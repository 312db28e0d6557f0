/**
 * Packets from the network while a process reads: work for the Net Input Thread of the
 * BSD4.3 Single Server, which "handles network device interactions" (section 3.1.1).
 *
 * Layer: workloads. Packets arrive at random at the simulated Ethernet interface; each
 * is an interrupt, a message from the kernel to the server, and work of its thread,
 * all taken from whoever reads.
 */
import { z } from "zod";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { check } from "../schema/index.ts";
import type { System } from "../systems/system.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { serverOf } from "./mach3.ts";

const PATH = "/beside-packets";

export const packetOptions = z.strictObject({
  /** Mean rate; the times between packets are exponential. */
  packetsPerSec: z.number().positive().max(10_000).default(100),
  /** Bytes of each packet, which Ethernet limits. */
  packetBytes: z.int().min(60).max(1514).default(60),
  /** Length of the file that is read meanwhile, 4096 bytes at a time. */
  fileBytes: atLeastOne.default(1024 * 1024),
});
export type PacketOptions = z.input<typeof packetOptions>;

/** Of the reads, and of the packets that arrived while they went on. */
export interface PacketMeasurement extends Measurement {
  packets: number;
  /** Those of them that came too fast for the Net Input Thread. */
  packetsLost: number;
  /** Share of the time in which the processor was busy. */
  processorUtilization: number;
}

/**
 * Read a file from the disk while packets arrive.
 * @throws InputError for a system without a Net Input Thread: it is Mach 3.0's.
 */
export function packets(system: System, options: PacketOptions = {}): PacketMeasurement {
  const { packetsPerSec, packetBytes, fileBytes } = check(packetOptions, options, "packets");
  const { net } = serverOf(system);
  const { sim } = system;
  const arrivals = sim.stream("packets");
  const packet = new Uint8Array(packetBytes);
  let listening = true;
  let arrived = 0;
  const next = (): void => {
    sim.after(Math.round(arrivals.exponential(1e9 / packetsPerSec)), () => {
      if (!listening) return;
      arrived++;
      net.deliver(packet);
      next();
    }, { background: true });
  };
  system.prepare({ [PATH]: fileBytes });
  const lostBefore = net.lost;
  const measured = system.run(function* (unix) {
    const fd = yield* unix.open(PATH, { access: "read" });
    next();
    const stop = stopwatch(system);
    let reads = 0;
    while ((yield* unix.read(fd, PAGE_BYTES)).length > 0) reads++;
    listening = false;
    const found = stop(reads, fileBytes);
    yield* unix.close(fd);
    return found;
  });
  const processorUtilization = (measured.perOperation.processorUs! * 1000 * measured.operations) / measured.elapsedNs;
  return { ...measured, packets: arrived, packetsLost: net.lost - lostBefore, processorUtilization };
}
