/** Packets for the Net Input Thread of the Single Server, beside a process that reads. */
import { expect, it } from "vitest";
import type { Bsd43Server } from "../../lib/servers/bsd43/server.ts";
import { boot } from "../../lib/systems/boot.ts";
import { packets, sequentialRead } from "../../lib/workloads/index.ts";

const fileBytes = 128 * 4096;

it("each packet is an interrupt, a message from the kernel and work of the Net Input Thread", () => {
  const quiet = sequentialRead(boot("mach3"), { fileBytes });
  const system = boot("mach3");
  const busy = packets(system, { packetsPerSec: 200, packetBytes: 1514, fileBytes });
  const { net, values: { kernel, server } } = system.os as unknown as Bsd43Server;
  expect(busy.packets).toBeGreaterThan(200);
  expect(busy.packetsLost).toBe(0);
  expect(busy.packets - net.packets, "the last is perhaps on its way").toBeLessThanOrEqual(1);
  expect(net.bytes).toBe(1514 * net.packets);
  const each = (name: "messages" | "processorUs") => ((busy.perOperation[name]! - quiet.perOperation[name]!) * busy.operations) / busy.packets;
  expect(each("messages")).toBeCloseTo(1, 1);
  const least = kernel.packetInterruptUs + server.packetUs + (1514 / 1024) * kernel.inLineKBUs + kernel.threadSwitchUs;
  expect(each("processorUs")).toBeGreaterThan(0.95 * least);
  expect(each("processorUs")).toBeLessThan(2 * least);
});

it("few cost a reader of the disk little, many a lot, and too many are lost", () => {
  const rates = [50, 1000, 4000].map((packetsPerSec) => packets(boot("mach3"), { packetsPerSec, fileBytes }));
  const [few, many, flood] = rates as [typeof rates[0], typeof rates[0], typeof rates[0]];
  const quiet = sequentialRead(boot("mach3"), { fileBytes });
  expect(few.kbPerSec / quiet.kbPerSec).toBeGreaterThan(0.95);
  expect(many.kbPerSec).toBeLessThan(0.9 * quiet.kbPerSec);
  expect(many.packetsLost).toBe(0);
  expect(flood.packetsLost).toBeGreaterThan(100);
  expect(flood.processorUtilization).toBeGreaterThan(0.98);
});

it("is for Mach 3.0, and a packet has at most what Ethernet carries", () => {
  expect(() => packets(boot("mix"))).toThrow(/needs Mach 3.0/);
  expect(() => packets(boot("mach3"), { packetBytes: 2000 })).toThrow(/^packets: packetBytes: /);
});
