/** A disk driver in the server: what section 6.2 says that it saves, and what its place in user mode costs. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { sequentialRead } from "../../../lib/workloads/index.ts";
import type { Measurement } from "../../../lib/workloads/index.ts";

const FILE = { fileBytes: 1 << 19 };
const read = (options: BootOptions<"mach3">): Measurement => sequentialRead(boot("mach3", options), FILE);

describe("a driver in the server", () => {
  const inKernel = read({}).perOperation;
  const inServer = read({ mapping: { deviceDriver: "server" } }).perOperation;

  it("saves the messages of device_read and the switches to the threads that serve them", () => {
    expect(inServer.deviceRequests).toBe(0);
    expect(inKernel.messages! - inServer.messages!).toBeCloseTo(2, 1);
    expect(inKernel.threadSwitches! - inServer.threadSwitches!).toBeGreaterThan(2);
  });

  it("costs a way into user mode for each interrupt, one for each sector", () => {
    const free = read({ mapping: { deviceDriver: "server" }, kernel: { userInterruptUs: 0 } }).perOperation;
    expect(inServer.processorUs! - free.processorUs!).toBeGreaterThan(8 * 80);
    expect(free.processorUs!).toBeLessThan(inKernel.processorUs! - 300);
  });

  it("can read pages that are then given to the kernel, not copied", () => {
    const straight = { interface: "data_supply", throughBufferCache: false, readBytes: 4096, readAhead: 1 } as const;
    const { copies, framesStolen, messages } = read({ mapping: { deviceDriver: "server" }, pager: straight }).perOperation;
    expect(copies).toBeCloseTo(1, 1);
    expect(framesStolen).toBeCloseTo(1, 1);
    expect(messages!).toBeLessThan(read({ pager: straight }).perOperation.messages! - 1);
  });
});
