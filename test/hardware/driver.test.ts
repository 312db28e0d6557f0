import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Driver } from "../../lib/hardware/driver.ts";
import { MS, read, Rig, toyDisk, write } from "./disk-rig.ts";

const wide = { disk: { ...toyDisk, cylinders: 100 } }; // 8 sectors a cylinder

/** The order in which requests for `cylinders` end that are given at once, the first one becoming active. */
function order(rig: Rig, cylinders: number[]): number[] {
  const served: number[] = [];
  rig.run(
    (function* () {
      for (const cylinder of cylinders) {
        rig.sim.spawn(
          `cylinder ${cylinder}`,
          (function* () {
            yield* rig.transfer(read(8 * cylinder, 1));
            served.push(cylinder);
          })(),
        );
      }
    })(),
  );
  return served;
}

describe("Driver", () => {
  it("serves the queue by cylinder: upwards from the active request, then again from the lowest", () => {
    expect(order(new Rig(wide), [50, 20, 80, 10, 60, 99, 0])).toEqual([50, 60, 80, 99, 0, 10, 20]);
  });

  it("serves every request once, in at most two sweeps", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99), { minLength: 1, maxLength: 20 }), (cylinders) => {
        const served = order(new Rig(wide), cylinders);
        expect([...served].sort()).toEqual([...cylinders].sort());
        expect(served[0]).toBe(cylinders[0]);
        expect(served.filter((cylinder, i) => i > 0 && cylinder < served[i - 1]!).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("takes a new request into the sweep that is under way if the arm has not passed it", () => {
    const rig = new Rig(wide);
    const served: number[] = [];
    const request = (cylinder: number, then = () => {}) => {
      const frames = [rig.memory.allocate("test")!];
      rig.driver.strategy({ ...read(8 * cylinder, 1), frames, offset: 0, done: () => (served.push(cylinder), then()) });
    };
    rig.run(
      (function* () {
        request(10, () => (request(15), request(30), request(5)));
        request(20);
        request(40);
        while (served.length < 6) yield* rig.sim.sleep(MS);
      })(),
    );
    expect(served).toEqual([10, 20, 30, 40, 5, 15]);
  });

  it("splits a request over its transfer limit into a train of commands", () => {
    const rig = new Rig({}, { startUs: 0, maxTransferSectors: 2 });
    const bytes = new Uint8Array(5 * 512).map((_, i) => i % 251);
    rig.run(rig.transfer(write(3, 5), bytes, 512));
    expect(rig.controller.statistics.requests).toBe(3);
    expect(rig.driver.statistics.requests).toBe(1);
    expect(Buffer.compare(rig.controller.store.readRange(3, 5), bytes)).toBe(0);
    // A train of reads loses a revolution at each joint: at 2.1 sector 2 has just gone.
    expect(new Rig({}, { startUs: 0, maxTransferSectors: 2 }).endings([read(0, 4)])).toEqual([8.1]);
  });

  it("starts the next command from the interrupt that ends the one before, at the processor's cost", () => {
    const rig = new Rig({}, { startUs: 300 });
    // Started at 0.3, sector 0 is in at 5 and moved at 5.1; the next starts at 5.4: sector 2 is in at 7.
    rig.sim.spawn("first", rig.transfer(read(0, 1)));
    expect(rig.endings([read(2, 1)])).toEqual([7.1]);
    expect(rig.processor.interruptNs).toBe(2 * 300_000 + 2 * 100_000);
  });

  it("ends a train at its first error", () => {
    const rig = new Rig({ faults: [{ sector: 1, op: "read" }] }, { startUs: 0, maxTransferSectors: 1 });
    expect(rig.run(rig.transfer(read(0, 4))).error).toBe("EIO");
    expect(rig.controller.statistics.requests).toBe(2);
    expect(rig.run(rig.transfer(read(2, 1))).error).toBeUndefined();
  });

  it("counts requests, waiting and busy time", () => {
    const rig = new Rig();
    for (const sector of [0, 1]) rig.sim.spawn("reader", rig.transfer(read(sector, 1)));
    rig.run(rig.sim.sleep(20 * MS));
    const { requests, waits, waitingNs, busyNs, longestQueue } = rig.driver.statistics;
    // The second waits 1.1 ms and then for sector 1, which is in at 6.
    expect({ requests, waits, waitingNs, busyNs, longestQueue }).toEqual({ requests: 2, waits: 1, waitingNs: 1.1 * MS, busyNs: 6.1 * MS, longestQueue: 1 });
  });

  it("refuses what does not exist, and says what does", () => {
    const rig = new Rig();
    const frames = [rig.memory.allocate("test")!];
    const request = { ...read(15, 2), frames, offset: 0, done: () => {} };
    expect(() => rig.driver.strategy(request)).toThrow("disk: no 2 sectors from sector 15 on; the disk has sectors 0 to 15");
    const { sim, processor, controller } = rig;
    expect(() => new Driver({ sim, processor, controller, spec: { startUs: 0, maxTransferSectors: 300 } })).toThrow(/^disk driver: maxTransferSectors: .*256, found 300$/);
  });
});
