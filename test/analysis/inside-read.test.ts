import { expect, test } from "vitest";
import { insideRead } from "../../lib/analysis/inside-read.ts";
import { boot } from "../../lib/systems/boot.ts";
import { sequentialRead } from "../../lib/workloads/index.ts";

const FILE_BYTES = 64 * 4096;

test("the parts of a read() add up to what the benchmark measures", () => {
  for (const name of ["mach3", "svr4"] as const) {
    const sum = insideRead(name, {}, FILE_BYTES).reduce((total, { us }) => total + us, 0);
    expect(sum / sequentialRead(boot(name), { fileBytes: FILE_BYTES }).usPerOperation).toBeCloseTo(1, 2);
  }
});

test("the parts stand beside those of Table 5-9, which knows two systems", () => {
  const beside = (name: "mach3" | "mach26" | "mix") => insideRead(name, {}, FILE_BYTES).filter(({ paperUs }) => paperUs !== undefined).map(({ span, paperUs }) => `${span} ${paperUs}`);
  expect(beside("mach3")).toEqual(["Trap to Unix 61", "Misc Costs 54", "1/16th Remap Window 90", "Pagefault 316", "Read from Disk 10500", "Data Provided 1600", "Bcopy Uncached to User 379"]);
  expect(beside("mach26")).toEqual(["Trap to Unix 61", "Misc Costs 250", "Read from Disk 11810", "Bcopy Uncached to User 379"]);
  expect(beside("mix")).toEqual([]);
});

test("a slower part of the system shows in its own row", () => {
  const part = (options: object) => insideRead("mach3", options, FILE_BYTES).find(({ span }) => span === "Misc Costs")!.us;
  expect(part({ library: { readUs: 1054 } }) - part({})).toBeGreaterThan(900);
});
