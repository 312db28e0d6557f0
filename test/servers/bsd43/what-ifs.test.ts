/**
 * What each what-if of the paper is for, counted: messages, copies, requests to the disk and times of reading a file
 * from the disk and from memory, beside the system as it was. The driver in the server: server-driver.test.ts.
 */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { cachedRead, sequentialRead } from "../../../lib/workloads/index.ts";
import type { Measurement } from "../../../lib/workloads/index.ts";

type Options = BootOptions<"mach3">;

const FILE = { fileBytes: 128 * 4096 };
const fromDisk = (options: Options): Measurement => sequentialRead(boot("mach3", options), FILE);
const fromMemory = (options: Options): Measurement => cachedRead(boot("mach3", options), FILE);
const disk = fromDisk({});
const memory = fromMemory({});

describe("mapped files", () => {
  it("save a message there and back for each read in memory, and cost a page fault and a sixteenth of a remap", () => {
    const off = fromMemory({ mapping: { mappedFiles: false } });
    expect(off.perOperation.messages).toBeCloseTo(2, 1);
    expect(off.perOperation.faults).toBe(0);
    expect(memory.perOperation.messages).toBeCloseTo(2 / 16, 2);
    expect(memory.perOperation.faults).toBeCloseTo(1, 1);
    expect(off.usPerOperation - memory.usPerOperation).toBeGreaterThan(200);
  });

  it("have windows that are moved once for every windowBytes", () => {
    for (const windowBytes of [4096, 8192, 262144]) {
      const { messages, traps } = fromMemory({ mapping: { windowBytes } }).perOperation;
      expect(messages!, `${windowBytes} bytes`).toBeCloseTo((2 * 4096) / windowBytes, 1);
      expect(traps!).toBeGreaterThan(1);
    }
  });
});

describe("the passive state of the Token", () => {
  it("saves a request and a release, each a message there and back, in every call", () => {
    const off = fromMemory({ mapping: { tokenPassive: false } });
    expect(off.perOperation.messages! - memory.perOperation.messages!).toBeCloseTo(4, 1);
    expect(off.usPerOperation - memory.usPerOperation).toBeGreaterThan(2 * 310);
  });

  it("is of no use without pages that library and server share", () => {
    const off = fromMemory({ mapping: { sharedPages: false } });
    expect(off.perOperation.messages! - memory.perOperation.messages!).toBeCloseTo(4, 1);
  });
});

describe("the Inode Pager", () => {
  it("has a page copied twice through the buffer cache, whatever interface it uses: a page of the cache cannot be stolen", () => {
    for (const options of [{}, { pager: { interface: "data_supply" } }] as const) {
      const { copies, framesStolen } = fromDisk(options).perOperation;
      expect([copies, framesStolen].map((count) => Math.round(count!))).toEqual([2, 0]);
    }
  });

  it("without the cache gives its pages up, and one copy is left", () => {
    const straight = fromDisk({ pager: { interface: "data_supply", throughBufferCache: false } }).perOperation;
    expect([straight.copies, straight.framesStolen].map((count) => Math.round(count!))).toEqual([1, 1]);
    expect(straight.processorUs!).toBeLessThan(disk.perOperation.processorUs! - 379);
  });

  it("asks the disk once for all of readBytes that lie side by side there, and one at a time of a file with gaps", () => {
    const large = { readBytes: 32768, throughBufferCache: false };
    expect(fromDisk({ pager: large }).perOperation.diskRequests).toBeCloseTo(1, 1);
    expect(fromDisk({ pager: large, fileSystem: { maxcontig: 8 } }).perOperation.diskRequests).toBeLessThan(0.25);
  });

  it("through the cache provides so much for one request of the kernel, and nothing twice", () => {
    const { messages, diskRequests, copies } = fromDisk({ pager: { readBytes: 65536 } }).perOperation;
    expect(messages!).toBeLessThan(disk.perOperation.messages! - 0.8);
    expect(diskRequests).toBeCloseTo(1, 1);
    expect(copies).toBeCloseTo(2, 1);
  });

  it("reads ahead while the reader computes: with one unit the disk never waits, a second finds it at work", () => {
    const rates = [0, 1, 4].map((readAhead) => fromDisk({ pager: { readAhead, throughBufferCache: false, readBytes: 32768 }, fileSystem: { maxcontig: 8 } }).kbPerSec);
    expect(rates[1]! / rates[0]!).toBeGreaterThan(1.1);
    expect(rates[2]! / rates[1]!).toBeCloseTo(1, 1);
  });
});
