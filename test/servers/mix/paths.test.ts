/** The paths of section 4, step by step, and what each way to build MiX adds to them. */
import { describe, expect, it } from "vitest";
import type { Probe, Steps } from "../../../lib/engine/index.ts";
import { newCounters, WiredArea } from "../../../lib/kernels/chorus/index.ts";
import type { Counters } from "../../../lib/kernels/chorus/index.ts";
import type { Mix } from "../../../lib/servers/mix/mix.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { perform, rig } from "./rig.ts";
import type { RigOptions } from "./rig.ts";

/** A probe that hears of the points that are passed, and of nothing else. */
const instants = (told: (name: string) => void): Probe =>
  new Proxy({} as Probe, { get: (_, what) => (what === "instant" ? told : () => {}) });

/** The steps that `act` takes on a file of `pages` pages that is on the disk, `warm` in memory or not, and what it counts. */
function stepsOf(act: (unix: Unix, fd: number) => Steps<unknown>, { pages = 4, warm = false, values }: { pages?: number; warm?: boolean } & RigOptions = {}) {
  const { run, sites, sim } = rig({ values });
  const [mix] = sites as [Mix];
  run(function* (unix) {
    const fd = yield* unix.creat("/f");
    yield* unix.write(fd, new Uint8Array(pages * 4096).fill(7));
    yield* unix.close(fd);
  });
  perform(sim, mix, mix.unmount());
  perform(sim, mix, mix.mount());
  const steps: string[] = [];
  const counted = newCounters();
  run(function* (unix) {
    const fd = yield* unix.open("/f");
    yield* unix.read(fd, 1); // the process's own memory is there, and page 0
    if (warm) yield* unix.read(fd, pages * 4096);
    yield* unix.lseek(fd, 4096);
    const before = { ...mix.nucleus.counters };
    sim.probe = instants((step) => void steps.push(step));
    yield* act(unix, fd);
    sim.probe = undefined;
    for (const name of Object.keys(counted) as (keyof Counters)[]) counted[name] = mix.nucleus.counters[name] - before[name];
    yield* unix.close(fd);
  });
  return { steps, counted };
}

describe("read() of a page", () => {
  it("that is in memory takes arrows 0, 1, 2a and 3a of figure 4-2", () => {
    const { steps, counted } = stepsOf((unix, fd) => unix.read(fd, 4096), { warm: true });
    expect(steps).toEqual(["trap 7 to Process Manager", "frame of read() copied", "sgRead", "copy out"]);
    expect(counted).toMatchObject({ traps: 1, messages: 0, copies: 2, copiedBytes: 4096 + 64, threadSwitches: 0, addressSpaceSwitches: 0 });
  });

  it("that is on the disk takes arrows 0, 1, 2b, 3b, 4b and 5b, without a switch and with one copy of the data", () => {
    const { steps, counted } = stepsOf((unix, fd) => unix.read(fd, 4096));
    expect(steps).toEqual([
      "trap 7 to Process Manager", // 0
      "frame of read() copied", // 1
      "sgRead",
      "acquire a page", // 2b
      "pullIn to read", // 3b
      "message handler of Object Manager",
      "disk to page", // 4b
      "page there to write",
      "copy out", // 5b
    ]);
    expect(counted).toMatchObject({ traps: 1, messages: 2, handlerCalls: 1, copies: 2, copiedBytes: 4096 + 64, threadSwitches: 0, pullIns: 1 });
  });

  it("past the end asks nobody", () => {
    const { steps } = stepsOf(function* (unix, fd) {
      yield* unix.lseek(fd, 1_000_000);
      yield* unix.read(fd, 10);
    });
    expect(steps.filter((step) => step === "sgRead")).toEqual([]);
  });
});

describe("write() of a page", () => {
  it("past the end gets the page with the permission, its blocks allocated, and no disk read", () => {
    const { steps, counted } = stepsOf(function* (unix, fd) {
      yield* unix.lseek(fd, 0, "end");
      yield* unix.write(fd, new Uint8Array(4096));
    });
    expect(steps.slice(2)).toEqual([
      "trap 7 to Process Manager",
      "frame of write() copied",
      "sgWrite",
      "acquire a page",
      "pullIn to write",
      "message handler of Object Manager",
      "page there to write",
      "copy in",
    ]);
    expect(counted).toMatchObject({ pushOuts: 0, threadSwitches: 0 });
  });

  it("in a hole that was read asks for the permission alone", () => {
    const { steps } = stepsOf(function* (unix, fd) {
      yield* unix.ftruncate(fd, 20 * 4096);
      yield* unix.lseek(fd, 10 * 4096);
      yield* unix.read(fd, 1);
      yield* unix.lseek(fd, 10 * 4096);
      yield* unix.write(fd, Uint8Array.of(1));
    });
    expect(steps.slice(-5)).toEqual(["frame of write() copied", "sgWrite", "getAccess", "message handler of Object Manager", "copy in"]);
  });

  it("in a page that is there with its block asks nobody, and is on the disk only after fsync()", () => {
    const { steps } = stepsOf(function* (unix, fd) {
      yield* unix.write(fd, Uint8Array.of(1));
      yield* unix.fsync(fd);
    }, { warm: true });
    expect(steps.filter((step) => step === "pushOut" || step === "getAccess")).toEqual(["pushOut"]);
    expect(steps.indexOf("pushOut")).toBeGreaterThan(steps.indexOf("frame of fsync() copied"));
  });
});

describe("the same read() with the servers in user space", () => {
  it("costs messages, switches and copies that a hit and a miss do not need in supervisor space", () => {
    const user = { structure: { servers: "user" } } as const;
    const hit = stepsOf((unix, fd) => unix.read(fd, 4096), { warm: true, values: user }).counted;
    expect(hit).toMatchObject({ messages: 2, handlerCalls: 0, threadSwitches: 2, addressSpaceSwitches: 2 });
    expect(hit.copiedBytes).toBeGreaterThan(2 * 4096); // page to the Process Manager, Process Manager to process
    expect(hit.traps).toBe(4); // read(), sgRead, reply, receive
    const miss = stepsOf((unix, fd) => unix.read(fd, 4096), { values: user }).counted;
    expect(miss.copiedBytes).toBeGreaterThan(3 * 4096); // and Object Manager to page
    expect(miss.threadSwitches).toBeGreaterThan(hit.threadSwitches);
    expect(miss.messages).toBe(6); // and two each for pullIn and for the disk driver
  });

  it("an Emulation Library needs no Process Manager for it, but one more trap", () => {
    const { steps, counted } = stepsOf((unix, fd) => unix.read(fd, 4096), { warm: true, values: { structure: { emulationLibrary: true } } });
    expect(steps).toContain("sgRead");
    expect(counted).toMatchObject({ traps: 2, messages: 0 });
  });
});

describe("the blocks of a file", () => {
  it("are allocated when write permission is granted, long before the page is saved; those past the end go back when the file is closed", () => {
    const { run, sites } = rig();
    const [mix] = sites as [Mix];
    const { counters, memory } = mix.nucleus;
    run(function* (unix) {
      const fd = yield* unix.creat("/f");
      yield* unix.write(fd, new Uint8Array(4096));
      const { inode } = yield* unix.stat("/f");
      const before = mix.freeBlocks;
      yield* unix.write(fd, new Uint8Array(4096)); // past the end: one block
      expect(before - mix.freeBlocks).toBe(1);
      // Two pages are granted and filled, but the file does not grow over them, as if the write() had been broken off.
      const segment = { port: mix.objectManager.server.port.ui, key: mix.objectManager.files.keyOf(inode) };
      const frames = mix.machine.memory.allocateRun("test", 2)!;
      yield* memory.sgWrite(segment, 2 * 4096, new WiredArea(frames), 2 * 4096);
      expect(before - mix.freeBlocks).toBe(3);
      expect(counters.pushOuts).toBe(0);
      yield* unix.close(fd);
      expect(before - mix.freeBlocks).toBe(1);
    });
  });

  it("that it was cut off from go back when the file is closed", () => {
    const { run, sites, sim } = rig();
    const [mix] = sites as [Mix];
    const freeBlocks = () => mix.freeBlocks;
    const before = freeBlocks();
    run(function* (unix) {
      const fd = yield* unix.creat("/f");
      yield* unix.write(fd, new Uint8Array(8 * 4096));
      yield* unix.ftruncate(fd, 4096);
      yield* unix.close(fd);
    });
    expect(before - freeBlocks()).toBe(1);
    run(function* (unix) {
      yield* unix.unlink("/f");
    });
    expect(freeBlocks()).toBe(before);
    expect(sim.now).toBeGreaterThan(0);
  });
});

describe("memory", () => {
  it("of processes goes to swap space when file pages need it, comes back, and is given back at exit", () => {
    const { run, sites } = rig({ sizeMB: 2 });
    const [mix] = sites as [Mix];
    const swap = mix.objectManager.freeSwapPages;
    run(function* (unix) {
      const fd = yield* unix.open("/big", { create: true });
      const bytes = new Uint8Array(65536).fill(3);
      for (let i = 0; i < 40; i++) yield* unix.write(fd, bytes);
      yield* unix.lseek(fd, 0);
      for (let i = 0; i < 40; i++) expect((yield* unix.read(fd, 65536)).every((byte) => byte === 3)).toBe(true);
      yield* unix.close(fd);
    });
    expect(mix.nucleus.counters.replacedPages).toBeGreaterThan(200);
    expect(mix.objectManager.freeSwapPages).toBe(swap);
  });
});
