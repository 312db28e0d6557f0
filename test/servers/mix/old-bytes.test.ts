/** What a deleted file left on the disk shows in no other file. */
import { describe, expect, it } from "vitest";
import type { Mix } from "../../../lib/servers/mix/mix.ts";
import { perform, rig } from "./rig.ts";
import type { Rig } from "./rig.ts";

const layouts = [
  ["UFS, blocks of a page", "", 4096],
  ["UFS, blocks of two pages", "", 8192],
  ["S5", "/s5", 4096],
] as const;

function remount({ sim, sites }: Rig): void {
  const [mix] = sites as [Mix];
  perform(sim, mix, mix.unmount());
  perform(sim, mix, mix.mount());
}

describe.each(layouts)("%s", (_name, root, blockBytes) => {
  /** A disk on which nearly every free block holds old bytes. */
  const usedDisk = (): Rig => {
    const used = rig({ values: { om: { s5MB: 1, swapMB: 1 }, fileSystem: { blockBytes } } });
    used.run(function* (unix) {
      const fd = yield* unix.creat(`${root}/old`);
      for (let i = 0; i < 12; i++) yield* unix.write(fd, new Uint8Array(65536).fill(0xaa));
      yield* unix.close(fd);
    });
    remount(used);
    used.run((unix) => unix.unlink(`${root}/old`));
    remount(used);
    return used;
  };

  it("shows zeros in holes, behind the end, and in pages that were allocated and never written", () => {
    const used = usedDisk();
    used.run(function* (unix) {
      const fd = yield* unix.creat(`${root}/new`);
      for (const page of [1, 4, 7]) {
        yield* unix.lseek(fd, page * 4096 + 100);
        yield* unix.write(fd, new Uint8Array(50).fill(1));
      }
      yield* unix.close(fd);
    });
    const nonzero = () =>
      used.run(function* (unix) {
        const fd = yield* unix.open(`${root}/new`);
        yield* unix.ftruncate(fd, 40_000);
        const bytes = yield* unix.read(fd, 40_000);
        yield* unix.close(fd);
        return [...bytes.entries()].filter(([, byte]) => byte !== 0).map(([at]) => Math.floor(at / 4096));
      });
    const expected = [1, 4, 7].flatMap((page) => new Array<number>(50).fill(page));
    expect(nonzero()).toEqual(expected);
    remount(used);
    expect(nonzero()).toEqual(expected);
  });

  it("keeps what is written where indirect blocks were before", () => {
    const used = usedDisk();
    used.run(function* (unix) {
      const fd = yield* unix.creat(`${root}/f`);
      yield* unix.lseek(fd, 200_000);
      yield* unix.write(fd, new Uint8Array(100).fill(2)); // behind an indirect block
      yield* unix.ftruncate(fd, 0);
      for (let i = 0; i < 4; i++) {
        const other = yield* unix.creat(`${root}/g${i}`);
        yield* unix.write(other, new Uint8Array(3000).fill(10 + i));
        yield* unix.close(other);
      }
      yield* unix.close(fd);
    });
    remount(used);
    used.run(function* (unix) {
      for (let i = 0; i < 4; i++) {
        const fd = yield* unix.open(`${root}/g${i}`);
        expect(new Set(yield* unix.read(fd, 5000))).toEqual(new Set([10 + i]));
        yield* unix.close(fd);
      }
    });
  });
});
