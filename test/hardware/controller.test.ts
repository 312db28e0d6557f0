import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Controller } from "../../lib/hardware/controller.ts";
import type { ControllerSpec } from "../../lib/hardware/controller.ts";
import { read, Rig, toyController, toyDisk, write } from "./disk-rig.ts";
import type { Transfer } from "./disk-rig.ts";

const keep = (policy: "none" | "fill" | "stream", crossTracks = true) => ({ lookAhead: { policy, crossTracks } });
const slowHost = { pioSectorUs: 1500 };

describe("Controller: reads", () => {
  it("hands over each sector when it has passed: one interrupt a sector, each at the processor's cost", () => {
    const rig = new Rig();
    expect(rig.endings([read(0, 4)])).toEqual([4.1]);
    expect(rig.processor.interrupts.get("disk")).toBe(4);
    expect(rig.controller.sectorsMoved).toBe(4);
    expect(rig.controller.statistics.busyNs).toBe(4_100_000);
  });

  it("adds command and sector overheads and the interrupt where they belong", () => {
    // The search begins at 0.5, when sector 0 has just gone: it is in at 5, sector 1 at 6; each goes to the host 0.2 later and takes it 0.3.
    const rig = new Rig({ commandUs: 500, sectorOverheadUs: 200, interruptUs: 200 });
    expect(rig.endings([read(0, 2)])).toEqual([6.5]);
  });

  it("goes on over the ends of tracks and cylinders", () => {
    expect(new Rig().endings([read(4, 8)])).toEqual([11.1]);
  });

  it("lets the media go on while the host is behind, as far as there is room", () => {
    expect(new Rig(slowHost).endings([read(0, 4)])).toEqual([7]); // in at 1, 2, 3, 4; taken at 2.5, 4, 5.5, 7
  });

  it("loses a revolution whenever there was no room for the sector that passed", () => {
    expect(new Rig({ ...slowHost, bufferSectors: 1 }).endings([read(0, 4)])).toEqual([17.5]); // in at 1, 6, 11, 16
    expect(new Rig({ ...slowHost, bufferSectors: 2 }).endings([read(0, 4)])).toEqual([10]); // in at 1, 2, 7 and 8
  });
});

describe("Controller: look-ahead", () => {
  it("none: the same sectors come round again", () => {
    expect(new Rig(keep("none")).endings([read(0, 2), read(0, 2), read(2, 1)])).toEqual([2.1, 6.1, 11.1]);
  });

  it("fill: serves what was read on from the miss, then starts anew", () => {
    const rig = new Rig(keep("fill"));
    // Sectors 0 to 3 are in at 1 to 4. Sector 4 is a miss: 0.5 to switch heads, under the head from 9 to 10.
    expect(rig.endings([read(0, 2), read(2, 1), read(0, 4, 5), read(4, 1)])).toEqual([2.1, 3.1, 5.4, 10.1]);
    expect([rig.controller.buffer.hits, rig.controller.buffer.misses]).toEqual([2, 2]);
  });

  it("fill: a hit does not start the media again, a command that is only partly there misses", () => {
    const rig = new Rig(keep("fill"));
    // For the last command sector 3 passes again, from 11 to 12, and sector 4 from 13 to 14.
    expect(rig.endings([read(0, 1), read(3, 1, 10), read(3, 2, 10.5)])).toEqual([1.1, 10.1, 14.1]);
    expect([rig.controller.buffer.hits, rig.controller.buffer.misses]).toEqual([1, 2]);
  });

  it("stream: each hit lets the media go on", () => {
    const rig = new Rig(keep("stream"));
    // Sectors 0 to 3 are in at 4; the hit on 2 at 4 makes room for 4 and 5, which pass from 5 to 7.
    expect(rig.endings([read(0, 2), read(2, 2, 4), read(4, 2, 8)])).toEqual([2.1, 4.2, 8.2]);
    expect([rig.controller.buffer.hits, rig.controller.buffer.misses]).toEqual([2, 1]);
  });

  it("stream: the sectors of the last command stay, so reading the same block again goes at the host's speed", () => {
    expect(new Rig(keep("stream")).endings([read(0, 2), read(0, 2, 20), read(0, 2, 40)])).toEqual([2.1, 20.2, 40.2]);
  });

  it("stream: waits for a sector of the track that is being read, and goes to one of a later track at once", () => {
    const skip = (sector: number) => {
      const rig = new Rig({ ...keep("stream"), bufferSectors: 16 });
      const [, end] = rig.endings([read(0, 1), read(sector, 1, 1.5)]);
      return [end, rig.controller.buffer.misses];
    };
    expect(skip(3)).toEqual([4.1, 1]);
    // When sector 1 has passed at 2 the arm seeks until 3.5; sector 9 passes from 4 to 5. Read on track by track, it would be there at 13.
    expect(skip(9)).toEqual([5.1, 2]);
  });

  it("ends at the track's end unless it may cross", () => {
    expect(new Rig(keep("fill", false)).endings([read(2, 2), read(4, 1, 12)])).toEqual([4.1, 14.1]); // switched at 12
    expect(new Rig(keep("fill", true)).endings([read(2, 2), read(4, 1, 12)])).toEqual([4.1, 12.1]); // read from 5 to 6
  });

  it("is ended by a command for other sectors, with the arm where it got to", () => {
    const rig = new Rig(keep("stream"));
    // After sector 3 at 4 the head switches: at 5 sector 4 begins; the miss at 5.5 finds head 1 and needs no switch for sector 7, from 8 to 9.
    expect(rig.endings([read(1, 3), read(7, 1, 5.5)])).toEqual([4.1, 9.1]);
    expect(rig.controller.arm.head).toBe(1);
    expect(rig.controller.buffer.misses).toBe(2);
  });

  it("is ended at once between sectors, else after the sector under the head", () => {
    // The arm takes 1.5 to sector 8, which passes from 7 to 8 and from 11 to 12; look-ahead waits for sector 4 until 5 and reads it until 6.
    expect(new Rig(keep("stream")).endings([read(1, 3), read(8, 1, 4.7)])).toEqual([4.1, 8.1]);
    expect(new Rig(keep("stream")).endings([read(1, 3), read(8, 1, 5.2)])).toEqual([4.1, 12.1]);
  });

  it("has no more than the buffer holds: of a longer command only its last sectors", () => {
    for (const policy of ["fill", "stream"] as const) {
      const rig = new Rig({ ...keep(policy), bufferSectors: 2 });
      expect(rig.endings([read(0, 4), read(2, 2, 6), read(0, 1, 10)])).toEqual([4.1, 6.2, 13.1]);
      expect([rig.controller.buffer.hits, rig.controller.buffer.misses]).toEqual([1, 2]);
    }
  });

  it("is gone after a write", () => {
    expect(new Rig(keep("stream")).endings([read(0, 2), write(3, 1, 8), read(0, 1, 20.5)])).toEqual([2.1, 12, 25.1]);
  });
});

describe("Controller: writes", () => {
  it("writes each sector when it comes round and its data is there; the last interrupt tells that all is on the media", () => {
    const rig = new Rig();
    expect(rig.endings([write(0, 4)])).toEqual([8]); // the first data is there at 0.1, sector 0 comes at 4
    expect(rig.processor.interrupts.get("disk")).toBe(4); // three for more data, one for the end
  });

  it("loses a revolution for each sector whose data is late", () => {
    expect(new Rig({ pioSectorUs: 2500 }).endings([write(0, 2)])).toEqual([6]); // data at 2.5 and just in time at 5
    expect(new Rig({ pioSectorUs: 2600 }).endings([write(0, 2)])).toEqual([10]); // data at 2.6 and late at 5.2
  });

  it("moves arm and heads while the data comes, and lets them settle", () => {
    // Data at 1.5, 3 and 4.5; sectors 2 and 3 pass from 2 to 4, then switch and settle take 0.75; sector 4 passes from 5 to 6.
    expect(new Rig(slowHost).endings([write(2, 3)])).toEqual([6]);
  });

  it("takes data only as fast as there is room for it", () => {
    const rig = new Rig({ bufferSectors: 1 });
    expect(rig.endings([write(0, 2)])).toEqual([10]); // sector 0 from 4 to 5, its successor's data at 5.1, from 9 to 10
  });
});

describe("Controller: errors", () => {
  const faults: ControllerSpec["faults"] = [
    { sector: 2, op: "read" },
    { sector: 5, op: "write" },
  ];

  it("ends a read at a bad sector with EIO, the sectors before it delivered", () => {
    const rig = new Rig({ faults });
    rig.controller.store.writeRange(0, new Uint8Array(4 * 512).fill(9));
    const { error, bytes } = rig.run(rig.transfer(read(0, 4), new Uint8Array(4 * 512)));
    expect(error).toBe("EIO");
    expect(bytes.indexOf(0)).toBe(2 * 512);
    expect(rig.run(rig.transfer(read(3, 1))).error).toBeUndefined();
  });

  it("ends a write at a bad sector with EIO and leaves that sector as it was", () => {
    const rig = new Rig({ faults });
    expect(rig.run(rig.transfer(write(4, 3), new Uint8Array(3 * 512).fill(9))).error).toBe("EIO");
    expect([4, 5, 6].map((sector) => rig.controller.store.read(sector)[0])).toEqual([9, 0, 0]);
    expect(rig.run(rig.transfer(write(6, 1))).error).toBeUndefined();
  });

  it("refuses what no controller can do", () => {
    const { controller, memory } = new Rig();
    const frames = memory.allocateRun("test", 1)!;
    const command = { op: "read" as const, sector: 0, sectors: 1, frames, offset: 0, done: () => {} };
    expect(() => controller.issue({ ...command, sectors: 257 })).toThrow("a command of 257 sectors; allowed are 1 to 256");
    expect(() => controller.issue({ ...command, sector: 16 })).toThrow("the disk has sectors 0 to 15");
    expect(() => controller.issue({ ...command, sectors: 9 })).toThrow("9 sectors do not fit into the 4096 bytes of memory given");
    expect(() => controller.issue({ ...command, offset: 100 })).toThrow("byte offset 100 in memory; allowed are multiples of 512");
    controller.issue(command);
    expect(controller.busy).toBe(true);
    expect(() => controller.issue(command)).toThrow("while another is under way");
  });

  it("names what is wrong with a spec", () => {
    const { sim, processor, memory } = new Rig();
    const make = (change: object) => () => new Controller({ sim, processor, memory, spec: { ...toyController, ...change } });
    expect(make({ commandUs: -1 })).toThrow(/^controller: commandUs: .*found -1$/);
    expect(make({ lookAhead: { policy: "steam", crossTracks: true } })).toThrow(/^controller: lookAhead\.policy: "steam" is not allowed; nearest is "stream"/);
    expect(make({ bufferSectors: 0 })).toThrow(/^controller: bufferSectors: /);
    expect(make({ disk: { ...toyDisk, sectorBytes: 1024 } })).toThrow(/^controller: disk\.sectorBytes: /);
    expect(make({ faults: [{ sector: 16, op: "read" }] })).toThrow("the disk has sectors 0 to 15");
  });
});

describe("Controller: any sequence of commands", () => {
  const spec = fc.record({
    pioSectorUs: fc.constantFrom(50, 900, 2200),
    commandUs: fc.constantFrom(0, 700),
    bufferSectors: fc.integer({ min: 1, max: 12 }),
    lookAhead: fc.record({ policy: fc.constantFrom("none" as const, "fill" as const, "stream" as const), crossTracks: fc.boolean() }),
  });
  const transfers = fc.array(
    fc.record({ op: fc.constantFrom("read" as const, "write" as const), sector: fc.nat(15), sectors: fc.integer({ min: 1, max: 16 }), pauseMs: fc.constantFrom(0, 0.3, 1, 7), offset: fc.constantFrom(0, 512, 3584) }),
    { minLength: 1, maxLength: 12 },
  );
  const clip = <T extends Transfer>(t: T): T => ({ ...t, sectors: Math.min(t.sectors, 16 - t.sector) });

  it("moves the very bytes, and takes the same times twice", () => {
    fc.assert(
      fc.property(spec, transfers, (spec, transfers) => {
        const play = () => {
          const rig = new Rig(spec);
          const model = new Uint8Array(16 * 512);
          return rig.run(
            (function* () {
              const ends: number[] = [];
              for (const [i, transfer] of transfers.map(clip).entries()) {
                yield* rig.sim.sleep(transfer.pauseMs * 1e6);
                const from = transfer.sector * 512;
                const length = transfer.sectors * 512;
                const bytes = new Uint8Array(length).map((_, j) => (transfer.op === "write" ? i * 31 + j : 255));
                if (transfer.op === "write") model.set(bytes, from);
                const moved = yield* rig.transfer(transfer, bytes, transfer.offset);
                expect(Buffer.compare(moved.bytes, model.subarray(from, from + length))).toBe(0);
                ends.push(rig.sim.now);
              }
              return ends;
            })(),
          );
        };
        expect(play()).toEqual(play());
      }),
    );
  });

  it("never takes longer for a read than a search, a revolution a sector, and the host's time", () => {
    fc.assert(
      fc.property(spec, transfers, (spec, transfers) => {
        const reads = transfers.map(clip).map((t) => ({ ...t, op: "read" as const }));
        const rig = new Rig(spec);
        let before = 0;
        rig.endings(reads).forEach((end, i) => {
          const { sectors } = reads[i]!;
          expect(end - before).toBeLessThanOrEqual(spec.commandUs / 1000 + 1 + 1.5 + (sectors + 1) * (4 + 1.5 + 1 + spec.pioSectorUs / 1000));
          expect(end - before).toBeGreaterThanOrEqual((spec.commandUs + sectors * spec.pioSectorUs) / 1000 - 1e-9);
          before = end;
        });
      }),
    );
  });
});
