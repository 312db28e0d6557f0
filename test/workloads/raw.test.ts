/** Raw reads, with room between them and without. */
import { expect, test } from "vitest";
import { boot } from "../../lib/systems/boot.ts";
import { bestIncrement, INCREMENTS, rawRead } from "../../lib/workloads/raw.ts";
import { stopwatch } from "../../lib/workloads/measurement.ts";
import { sequentialRead } from "../../lib/workloads/files.ts";

const KB = 1024;

test("reads what it says, where it says", () => {
  const system = boot("svr4");
  const sectors: number[] = [];
  const { controller } = system.machine;
  const issue = controller.issue.bind(controller);
  controller.issue = (command) => {
    sectors.push(command.sector);
    issue(command);
  };
  const measured = rawRead(system, { readBytes: 8 * KB, increment: 3, reads: 5 });
  expect(sectors).toEqual([0, 48, 96, 144, 192]);
  expect(measured).toMatchObject({ operations: 5, bytes: 40 * KB });
});

test("Mach 2.6: Table 5-6 is flat, because every read is a train of 4 KB", () => {
  const sizes = [4, 8, 16, 32, 64].map((size) => rawRead(boot("mach26"), { readBytes: size * KB, reads: 512 / size }).kbPerSec);
  expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.12);
});

test("without that limit longer reads would be faster", () => {
  const unlimited = (size: number) => bestIncrement((increment) => rawRead(boot("mach26", { kernel: { rawTransferBytes: 128 * KB } }), { readBytes: size * KB, increment })).kbPerSec;
  expect(unlimited(64)).toBeGreaterThan(1.3 * unlimited(4));
});

test("the best of the increments is none other than the best", () => {
  const each = INCREMENTS.map((increment) => rawRead(boot("mach26"), { readBytes: 4 * KB, increment, reads: 48 }).kbPerSec);
  const best = bestIncrement((increment) => rawRead(boot("mach26"), { readBytes: 4 * KB, reads: 48, increment })).kbPerSec;
  expect(best / Math.max(...each)).toBeCloseTo(1, 1);
  expect(best).toBeGreaterThan(1.05 * each[0]!); // one after the other they miss the platter's turn
});

test("with increments of one Mach 2.6 reads slower than from a file", () => {
  expect(rawRead(boot("mach26"), { readBytes: 4 * KB, reads: 128 }).kbPerSec).toBeLessThan(sequentialRead(boot("mach26"), { fileBytes: 512 * KB }).kbPerSec);
});

test.each<[string, () => unknown, RegExp]>([
  ["parts of sectors", () => rawRead(boot("svr4"), { readBytes: 1000 }), /^rawRead: readBytes: .*multiple of 512, found 1000/],
  ["no reads", () => rawRead(boot("svr4"), { readBytes: 512, reads: 0 }), /^rawRead: reads: .*found 0/],
  ["reads behind the disk's end", () => rawRead(boot("svr4"), { readBytes: 64 * KB, increment: 8, reads: 1e6 }), /^rawRead: the last read ends at byte \d+, the disk at \d+/],
])("refused: %s", (_what, action, message) => {
  expect(action).toThrow(message);
});

test("a measurement says the same in every unit", () => {
  const system = boot("mach26");
  const { elapsedNs, usPerOperation, kbPerSec, msPerPage } = system.run(function* () {
    const stop = stopwatch(system);
    yield* system.sim.sleep(250_000_000);
    return stop(10, 80 * KB);
  });
  expect(elapsedNs / 250e6).toBeCloseTo(1, 2);
  expect([usPerOperation * 10, (80 / kbPerSec) * 1e6, msPerPage * 20 * 1000].map(Math.round)).toEqual(new Array(3).fill(Math.round(elapsedNs / 1000)));
});
