import { describe, expect, test } from "vitest";
import { boot, cachedRead, rawRead, sequentialRead } from "../../lib/index.ts";
import type { Measurement, System } from "../../lib/index.ts";

const until = { halfWidth: 0.02 };

describe("a benchmark that stops by itself gives the answer of the whole run within its interval", () => {
  test.each<[string, (system: System, more: object) => Measurement]>([
    ["sequentialRead", (system, more) => sequentialRead(system, { fileBytes: 4 << 20, ...more })],
    ["cachedRead", (system, more) => cachedRead(system, { fileBytes: 1 << 20, readBytes: 1024, ...more })],
    ["rawRead", (system, more) => rawRead(system, { readBytes: 4096, reads: 1024, ...more })],
  ])("%s", (_, benchmark) => {
    const whole = benchmark(boot("mach26", { seed: 2 }), {});
    const part = benchmark(boot("mach26", { seed: 2 }), { until });
    expect(part.operations).toBeLessThan(whole.operations / 1.9);
    expect(part.kbPerSecHalfWidth! / part.kbPerSec).toBeCloseTo(0.02, 6);
    expect(Math.abs(part.kbPerSec - whole.kbPerSec)).toBeLessThanOrEqual(part.kbPerSecHalfWidth!);
    expect(part.bytes / part.operations).toBe(whole.bytes / whole.operations);
    expect(whole).not.toHaveProperty("kbPerSecHalfWidth");
  });

  test("one that is too short for that does all it was told to, and claims no interval", () => {
    const run = (more: object) => sequentialRead(boot("mach26", { seed: 2 }), { fileBytes: 1 << 18, ...more });
    expect(run({ until })).toEqual(run({}));
  });
});
