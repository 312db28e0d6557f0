/** What the benchmarks count for each of their operations, beside the time: only what happened while they measured. */
import { describe, expect, test } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { bcopy, cachedRead, getpid, nullMachRpc, pageFaults, readOneByte, sequentialRead } from "../../lib/workloads/index.ts";

const KB = 1024;

describe.each(systemNames)("%s", (name) => {
  test("a call that only computes keeps the processor busy all the time, and traps once", () => {
    const { perOperation, usPerOperation } = getpid(boot(name));
    expect(perOperation.processorUs).toBeCloseTo(usPerOperation, 6);
    expect(perOperation).toMatchObject({ traps: 1, messages: 0, copiedBytes: 0, copyingUs: 0 });
  });

  test("what is done to prepare a benchmark does not count", () => {
    const few = readOneByte(boot(name), 10).perOperation;
    expect(few).toMatchObject({ traps: 2, messages: 0, copies: 1, copiedBytes: 1 }); // lseek() and read()
  });

  test("a page in memory is copied once, and its source is not in the cache", () => {
    const system = boot(name);
    const { perOperation, usPerOperation } = cachedRead(system, { fileBytes: 256 * KB });
    expect(perOperation).toMatchObject({ copiedBytes: 4096 });
    expect(perOperation.copyingUs / (system.machine.netNs(system.machine.spec.cache.copyUncachedUs) / 1000)).toBeCloseTo(1, 3);
    expect(perOperation.processorUs / usPerOperation).toBeCloseTo(1, 3);
  });

  test("a page from the disk leaves the processor idle most of the time", () => {
    const { perOperation, usPerOperation } = sequentialRead(boot(name), { fileBytes: 256 * KB });
    expect(perOperation.copiedBytes).toBe(name === "mach3" ? 8192 : 4096); // data_provided copies once more
    expect(perOperation.processorUs / usPerOperation).toBeGreaterThan(0.1);
    expect(perOperation.processorUs / usPerOperation).toBeLessThan(0.7);
  });
});

test("Mach 3.0: an RPC is two messages; a page is copied or stolen", () => {
  expect(nullMachRpc(boot("mach3"), 10).perOperation).toMatchObject({ messages: 2, copies: 0 });
  const fault = { readBytes: 4 * KB, reads: 8 };
  expect(pageFaults(boot("mach3"), "data_provided", fault).perOperation).toMatchObject({ copies: 1, framesStolen: 0 });
  expect(pageFaults(boot("mach3"), "data_supply", fault).perOperation).toMatchObject({ copies: 0, framesStolen: 1 });
});

test("bcopy: no system, no traps", () => {
  expect(bcopy(boot("mach26").machine, { bufferBytes: 8 * KB }).perOperation).toMatchObject({ traps: 0, messages: 0, copies: 1, copiedBytes: 4096 });
});
