/** Page frames: allocated, handed over, freed, and never two owners. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Memory, PAGE_BYTES } from "../../lib/hardware/memory.ts";

describe("memory", () => {
  it("gives out every frame once, then none", () => {
    const memory = new Memory(16 * 1024 * 1024);
    expect([memory.frames, memory.freeFrames]).toEqual([4096, 4096]);
    const frames = Array.from({ length: 4096 }, () => memory.allocate("file"));
    expect(new Set(frames).size).toBe(4096);
    expect(frames).not.toContain(undefined);
    expect([memory.allocate("file"), memory.freeFrames]).toEqual([undefined, 0]);
    memory.free(17);
    expect([memory.freeFrames, memory.allocate("file"), memory.allocate("file")]).toEqual([1, 17, undefined]);
  });

  it("finds a run of frames side by side if there is one, and takes none if there is not", () => {
    const memory = new Memory(8 * PAGE_BYTES);
    for (let i = 0; i < 8; i++) memory.allocate("all");
    for (const frame of [0, 2, 3, 5, 6, 7]) memory.free(frame);
    expect(memory.allocateRun("dma", 4)).toBeUndefined();
    expect(memory.freeFrames).toBe(6);
    expect(memory.allocateRun("dma", 3)).toEqual([5, 6, 7]);
    expect(memory.allocateRun("dma", 2)).toEqual([2, 3]);
    expect(memory.allocateRun("dma", 1)).toEqual([0]);
    expect(memory.allocateRun("dma", 1)).toBeUndefined();
    expect(memory.allocate("file")).toBeUndefined();
  });

  it("hands a frame over with its bytes: nothing is copied", () => {
    const memory = new Memory(4 * PAGE_BYTES);
    const frame = memory.allocate("inode pager")!;
    const page = memory.page(frame);
    page.fill(7);
    memory.transfer(frame, "workload");
    expect(memory.owner(frame)).toBe("workload");
    expect(memory.page(frame)).toBe(page);
    expect([memory.freeFrames, page.every((byte) => byte === 7)]).toEqual([3, true]);
  });

  it("shows one and the same bytes by frame and by address", () => {
    const memory = new Memory(4 * PAGE_BYTES);
    memory.page(1).fill(1);
    memory.page(2).fill(2);
    expect([...memory.view(2 * PAGE_BYTES - 2, 4)]).toEqual([1, 1, 2, 2]);
    memory.view(2 * PAGE_BYTES, 1)[0] = 9;
    expect([memory.page(2)[0], memory.bytes[2 * PAGE_BYTES]]).toEqual([9, 9]);
    expect(memory.page(1).length).toBe(PAGE_BYTES);
  });

  it("ends where it ends", () => {
    const memory = new Memory(4 * PAGE_BYTES);
    expect(memory.view(3 * PAGE_BYTES, PAGE_BYTES).length).toBe(PAGE_BYTES);
    expect(() => memory.view(3 * PAGE_BYTES, PAGE_BYTES + 1)).toThrow("no memory at 12288 to 16385 of 16384 bytes");
    expect(() => memory.view(-1, 1)).toThrow("no memory");
    expect(() => memory.page(4)).toThrow("no memory");
  });

  it("does not let a frame be freed, handed over or asked about that belongs to nobody", () => {
    const memory = new Memory(4 * PAGE_BYTES);
    const frame = memory.allocate("file")!;
    memory.free(frame);
    for (const misuse of [() => memory.free(frame), () => memory.transfer(frame, "x"), () => memory.owner(frame), () => memory.free(99)]) {
      expect(misuse).toThrow(/page frame \d+ belongs to nobody/);
    }
    expect(memory.freeFrames).toBe(4);
  });
});

const FRAMES = 12;
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ op: "allocate" as const }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("run" as const), count: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("free" as const), frame: fc.nat(FRAMES - 1) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("transfer" as const), frame: fc.nat(FRAMES - 1) }) },
);

test("whatever is asked, memory agrees with a list of owners", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const memory = new Memory(FRAMES * PAGE_BYTES);
      const owners = new Array<string | undefined>(FRAMES).fill(undefined);
      const free = () => owners.filter((owner) => owner === undefined).length;
      operations.forEach((step, i) => {
        const me = `owner ${i}`;
        if (step.op === "allocate") {
          const frame = memory.allocate(me);
          expect(frame === undefined).toBe(free() === 0);
          if (frame === undefined) return;
          expect(owners[frame]).toBeUndefined();
          owners[frame] = me;
        } else if (step.op === "run") {
          const room = owners.some((_, at) => at + step.count <= FRAMES && owners.slice(at, at + step.count).every((owner) => owner === undefined));
          const frames = memory.allocateRun(me, step.count);
          expect(frames !== undefined).toBe(room);
          frames?.forEach((frame, j) => {
            expect([frame, owners[frame]]).toEqual([frames[0]! + j, undefined]);
            owners[frame] = me;
          });
        } else if (owners[step.frame] === undefined) {
          expect(() => (step.op === "free" ? memory.free(step.frame) : memory.transfer(step.frame, me))).toThrow("belongs to nobody");
        } else if (step.op === "free") {
          memory.free(step.frame);
          owners[step.frame] = undefined;
        } else {
          memory.transfer(step.frame, me);
          owners[step.frame] = me;
        }
        expect(memory.freeFrames).toBe(free());
        owners.forEach((owner, frame) => {
          if (owner !== undefined) expect(memory.owner(frame)).toBe(owner);
        });
      });
    }),
    { numRuns: 500 },
  );
});

test("room outside memory has the length asked for, is zero, and no two share a byte", () => {
  const memory = new Memory(4 * PAGE_BYTES);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 40 }), (counts) => {
      const rooms = counts.map((count) => memory.room(count));
      rooms.forEach((room, i) => {
        expect(room.length).toBe(counts[i]);
        expect(room.every((byte) => byte === 0)).toBe(true);
        expect(room.byteOffset % 8).toBe(0);
        room.fill(i + 1);
      });
      rooms.forEach((room, i) => expect(room.every((byte) => byte === i + 1)).toBe(true));
    }),
    { numRuns: 50 },
  );
});
