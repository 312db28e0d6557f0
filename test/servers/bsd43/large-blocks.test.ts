/** Blocks of two pages: the Inode Pager copies the second one before it gives it to the kernel. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import { trace } from "../../../lib/trace/index.ts";
import { bytesOf } from "../../unix/small.ts";

const PAGE = 4096;
const FILE = bytesOf(8 * PAGE, 3);

/** The copies of file data that reading all of a file of eight pages takes, besides those to the process, and whether the bytes are right. */
function copiesOf(options: BootOptions<"mach3">): string[] {
  const system = boot("mach3", options);
  system.prepare({ "/file": FILE });
  let read = new Uint8Array(0) as Uint8Array;
  const traced = trace(system, function* (unix) {
    read = yield* unix.read(yield* unix.open("/file"), FILE.length);
  });
  expect(Buffer.compare(read, FILE)).toBe(0);
  const plain = (place: string): string => place.replace(/ \d+$/, "");
  return traced.movements
    .filter(({ kind, bytes, toPlace }) => kind === "copy" && bytes === PAGE && !toPlace.startsWith("memory of process"))
    .map(({ fromPlace, toPlace }) => `${plain(fromPlace)} > ${plain(toPlace)}`);
}

describe("a page of a block of 8 KB", () => {
  const large = { fileSystem: { blockBytes: 8192 } };

  it.each(["data_provided", "data_supply"] as const)("that does not begin the block is copied once more, to a page of the pager's: %s", (pager) => {
    const copies = copiesOf({ ...large, pager: { interface: pager } });
    const times = (copy: RegExp) => copies.filter((one) => copy.test(one)).length;
    expect(times(/^buffer cache > Inode Pager$/)).toBe(4);
    expect(times(/^buffer cache > (memory object|page list)$/)).toBe(4);
    expect(times(/^Inode Pager > (memory object|page list)$/)).toBe(4);
    expect(copies).toHaveLength(12);
  });

  it("costs nothing more where pages do not come through the buffer cache, or blocks are of a page", () => {
    expect(copiesOf({ ...large, pager: { throughBufferCache: false } }).filter((copy) => copy.includes("Inode Pager"))).toEqual([]);
    expect(copiesOf({}).filter((copy) => copy.includes("Inode Pager"))).toEqual([]);
    expect(copiesOf({})).toHaveLength(8);
  });
});
