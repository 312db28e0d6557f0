/** segmap: which pages the kernel sees without a fault. */
import { describe, expect, test } from "vitest";
import { Segmap } from "../../../lib/kernels/svr4/segmap.ts";
import type { Svr4 } from "../../../lib/kernels/svr4/kernel.ts";
import { boot, systemParameters } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";

describe("the windows", () => {
  test("show 8 KB of one file each", () => {
    const segmap = new Segmap(4);
    const window = segmap.window(3, 0);
    expect(segmap.window(3, 8191)).toBe(window);
    expect(segmap.window(3, 8192)).not.toBe(window);
    expect(segmap.window(4, 0)).not.toBe(window);
  });

  test("stay until their place is needed: the one unused longest goes", () => {
    const segmap = new Segmap(2);
    const first = segmap.window(3, 0);
    const second = segmap.window(3, 8192);
    expect(segmap.window(3, 0)).toBe(first);
    segmap.window(3, 16384);
    expect(segmap.window(3, 0)).toBe(first);
    expect(segmap.window(3, 8192)).not.toBe(second);
  });

  test("no longer show a page that is gone", () => {
    const segmap = new Segmap(2);
    segmap.window(3, 8192).mapped.add(2).add(3);
    segmap.unmap(3, 3);
    segmap.unmap(3, 100);
    expect([...segmap.window(3, 8192).mapped]).toEqual([2]);
  });
});

/** Time of reading the byte at `offset` of /file when page 0 and 1 have been read. */
function readUs(system: System, offset: number, before: (os: Svr4) => void = () => {}): number {
  return system.run(function* (unix) {
    const fd = yield* unix.open("/file", { create: true });
    yield* unix.write(fd, new Uint8Array(32_768));
    yield* unix.fsync(fd);
    for (const at of [0, 4096, 0]) {
      yield* unix.lseek(fd, at);
      yield* unix.read(fd, 1);
    }
    before(system.os as Svr4);
    yield* unix.lseek(fd, offset);
    const begin = system.sim.now;
    yield* unix.read(fd, 1);
    return (system.sim.now - begin) / 1000;
  });
}

const options = { machine: { processor: { tickUs: 0 } } } as const;
const { readUs: callUs, trapUs, segmapUs, pageFaultUs } = systemParameters("svr4").values.costs as Record<string, number>;

test("a page that a window shows costs a look at the window and nothing more", () => {
  expect(readUs(boot("svr4", options), 0)).toBeCloseTo(trapUs! + callUs! + segmapUs!, 0);
});

test("a page that no window shows any more costs a fault on top", () => {
  const reuse = (os: Svr4) => {
    for (let i = 0; i < 512; i++) os.segmap.window(99, i * 8192);
  };
  const faulted = readUs(boot("svr4", options), 0, reuse) - readUs(boot("svr4", options), 0);
  expect(faulted).toBeCloseTo(pageFaultUs!, 0);
});
