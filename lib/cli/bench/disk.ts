/** How fast the mechanics of the disk are: random requests, every other one a write. */
import { Disk, HOME } from "../../hardware/disk/disk.ts";
import type { DiskSpec } from "../../hardware/disk/spec.ts";

/** A 340 MB ESDI drive. */
const drive: DiskSpec = {
  cylinders: 1224,
  heads: 15,
  sectorsPerTrack: 35,
  rpm: 3600,
  sectorBytes: 512,
  trackSkewSectors: 4,
  cylinderSkewSectors: 9,
  headSwitchMs: 1.2,
  writeSettleMs: 0.8,
  seekMs: { a: 3, b: 0.45, knee: 400, e: 0.0105, c: 7.8 },
};

const REQUESTS = 1_000_000;
const ROUNDS = 5;

/** Requests a second of real time through the mechanical model, the best of several rounds. */
export function diskBench(): { name: string; unit: string; value: number } {
  const disk = new Disk(drive);
  const rates = Array.from({ length: ROUNDS }, () => round(disk));
  return { name: "disk, random requests", unit: "requests/s", value: Math.max(...rates) };
}

function round(disk: Disk): number {
  const began = performance.now();
  let state = HOME;
  let now = 0;
  let random = 1;
  for (let i = 0; i < REQUESTS; i++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const access = disk.access(state, { lbn: random % (disk.sectors - 8), sectors: 8, write: i % 2 === 0 }, now);
    now += access.seekNs + access.rotationNs + access.transferNs;
    state = access.state;
  }
  return (1000 * REQUESTS) / (performance.now() - began);
}
