import { expect, test } from "vitest";
import { pathCosts } from "../../lib/analysis/path-costs.ts";
import { systemNames } from "../../lib/systems/boot.ts";

const costs = pathCosts();

test.each(costs.map((one) => [one.system, one.path, one] as const))("%s, %s: the costs added up are the simulated time within 0.1 %%", (_system, _path, { difference, addedUs, simulatedUs, steps }) => {
  expect(Math.abs(difference)).toBeLessThan(1e-3);
  expect(difference).toBeCloseTo(simulatedUs / addedUs - 1, 12);
  expect(steps.reduce((sum, { us }) => sum + us, 0)).toBeCloseTo(addedUs, 9);
});

test("every system has its calls, its trap and a page from memory among them", () => {
  for (const name of systemNames) {
    const own = costs.filter(({ system }) => system === name).map(({ path }) => path);
    expect(own).toEqual(expect.arrayContaining(["null trap", "getpid()", "lseek()", "lseek() and read() of a byte", "lseek() and write() of a byte", "read() of a page in memory"]));
  }
});

test("only the systems asked for are added up", () => {
  expect(new Set(pathCosts(["mach26"]).map(({ system }) => system))).toEqual(new Set(["mach26"]));
});
