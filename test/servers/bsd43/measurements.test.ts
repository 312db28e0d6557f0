/** What the paper measured on Mach 3.0, as workloads on the simulated system. */
import { describe, expect, it } from "vitest";
import { boot } from "../../../lib/systems/boot.ts";
import { bestIncrement, cachedRead, getpid, lseek, nullTrap, readOneByte, rawRead, sequentialRead, sequentialWrite, writeOneByte } from "../../../lib/workloads/index.ts";

const MB = 1024 * 1024;
const mach3 = () => boot("mach3");
const within = (value: number, paper: number, percent: number): void => {
  expect(Math.abs(value / paper - 1) * 100, `${value} beside ${paper}`).toBeLessThan(percent);
};

describe("Mach 3.0 on the HP Vectra", () => {
  it("calls cost what Tables 5-2 and 5-5 give", () => {
    within(nullTrap(mach3(), 200).usPerOperation, 40, 0.5);
    within(getpid(mach3(), 200).usPerOperation, 61, 0.5);
    within(lseek(mach3(), 200).usPerOperation, 95, 0.5);
    within(readOneByte(mach3(), 200).usPerOperation, 210, 0.5);
    within(writeOneByte(mach3(), 200).usPerOperation, 200, 0.5);
  });

  it("a cached sequential read takes the 900 us of Table 5-4, as its parts say", () => {
    within(cachedRead(mach3()).usPerOperation, 900, 2);
  });

  it("an lseek of 61440 bytes after each read of 4096 moves the window each time: 2250 us", () => {
    const system = mach3();
    const fileBytes = 1.5 * MB;
    system.prepare({ "/file": fileBytes });
    const us = system.run(function* (unix) {
      const fd = yield* unix.open("/file", { access: "read" });
      while ((yield* unix.read(fd, 65536)).length > 0);
      yield* unix.lseek(fd, 0);
      yield* unix.read(fd, 4096);
      const begin = system.sim.now;
      let turns = 0;
      for (; (turns + 2) * 65536 <= fileBytes; turns++) {
        yield* unix.lseek(fd, 61440, "current");
        yield* unix.read(fd, 4096);
      }
      return (system.sim.now - begin) / turns / 1000;
    });
    within(us, 2250, 1);
  });

  it("reads and writes files at the rates of Table 5-3, the write within 12 %", () => {
    within(sequentialRead(mach3(), { fileBytes: 4 * MB }).kbPerSec, 320, 10);
    within(sequentialWrite(mach3(), { fileBytes: 4 * MB }).kbPerSec, 300, 12);
  });

  it("reads the raw disk at the rates of Table 5-6, within 15 %", () => {
    const rates = [4, 8, 16, 32, 64].map((kb) => bestIncrement((increment) => rawRead(mach3(), { readBytes: kb * 1024, increment })).kbPerSec);
    [380, 410, 530, 530, 620].forEach((paper, i) => within(rates[i]!, paper, 15));
  });
});
