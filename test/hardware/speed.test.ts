/** A faster processor: what it shortens on every system, and what it does not. */
import { describe, expect, it } from "vitest";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { bcopy, getpid, lseek } from "../../lib/workloads/index.ts";

describe.each(systemNames)("on %s a processor of twice the speed", (name) => {
  const system = (speed: number) => boot(name, { machine: { processor: { speed } } });

  it("halves what code takes", () => {
    for (const call of [getpid, lseek]) expect(call(system(1)).elapsedNs / call(system(2)).elapsedNs).toBeCloseTo(2, 1.5);
  });

  it("copies as fast as before: memory is no faster", () => {
    const copied = (speed: number) => bcopy(system(speed).machine, { bufferBytes: 65536, repeat: 4 }).elapsedNs;
    expect(copied(1) / copied(2)).toBeCloseTo(1, 1.5);
  });
});
