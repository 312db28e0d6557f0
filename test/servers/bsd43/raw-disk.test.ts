import { expect, it } from "vitest";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import { errorOf } from "../../unix/small.ts";

const MB = 1024 * 1024;

it("a raw read of more than memory can hold is ENOMEM and waits for nobody; one that fits evicts what it must, and gives all back", () => {
  const system = boot("mach3", { machine: { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 2 } }, server: { swapPercent: 30 } });
  const { kernel, machine } = system.os as unknown as Bsd43Server;
  system.run(function* (unix) {
    const fd = yield* unix.open(system.rawDevice, { access: "read" });
    const free = machine.memory.freeFrames;
    expect(yield* errorOf(unix.read(fd, 2 * MB))).toBe("ENOMEM");
    expect(yield* unix.lseek(fd, 0, "current")).toBe(0);
    expect((yield* unix.read(fd, 1 * MB)).length).toBe(1 * MB);
    expect(machine.memory.freeFrames).toBe(free);
    expect(yield* unix.lseek(fd, 0, "current")).toBe(1 * MB);
  });
  expect(kernel.counters.deviceRequests).toBeGreaterThan(0);
});
