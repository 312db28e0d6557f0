/** When swap space is full, or fails, pages are lost; who touches one hears it, and everything else goes on. */
import { expect, it } from "vitest";
import { MachError, startDefaultPager, taskTerminate, userRead, userWrite, vmAllocate } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";

const PAGE = 4096;
const PAGES = 300; // of the 256 that memory has, kernel included
const SWAP_PAGES = 16;

it.each(["is full", "fails"])("swap space that %s", (what) => {
  let disk: ReturnType<typeof ramDisk>;
  const { kernel, machine, task, run } = rig({ megabytes: 1, drivers: (on) => ({ swap: (disk = ramDisk(on, 8 * PAGES)) }) });
  startDefaultPager(kernel, { device: "swap", sector: 0, sectors: 8 * (what === "fails" ? PAGES : SWAP_PAGES) });
  if (what === "fails") for (let sector = 8 * SWAP_PAGES; sector < disk!.sectors; sector++) disk!.fail.add(sector);
  const other = task("other");
  run(other, kernel.sim.sleep(1e6));
  const free = machine.memory.freeFrames;
  const a = task("a");
  const lost = run(a, (function* () {
    const address = vmAllocate(a, PAGES * PAGE);
    for (let page = 0; page < PAGES; page++) yield* userWrite(a, address + page * PAGE, new Uint8Array(PAGE).fill(page));
    let errors = 0;
    for (let page = PAGES - 1; page >= 0; page--) { // first those that are still in memory
      try {
        expect(yield* userRead(a, address + page * PAGE, PAGE)).toEqual(new Uint8Array(PAGE).fill(page));
      } catch (error) {
        if (!(error instanceof MachError)) throw error;
        expect(error.code).toBe("KERN_MEMORY_ERROR");
        errors++;
      }
    }
    return errors;
  })());
  expect(lost).toBeGreaterThan(PAGES - SWAP_PAGES - 256);
  expect(lost).toBeLessThan(PAGES / 2);
  run(other, (function* () {
    taskTerminate(a);
    yield* kernel.sim.sleep(1e9);
    const address = vmAllocate(other, PAGE);
    yield* userWrite(other, address, new Uint8Array([1])); // memory and its pager are there for others
    taskTerminate(other);
  })());
  expect(machine.memory.freeFrames).toBe(free);
});
