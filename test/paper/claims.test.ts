import { describe, expect, test } from "vitest";
import { claim, claimHolds, claims, claimsOf } from "../../lib/paper/claims.ts";
import { claimsFile } from "../../lib/paper/files.ts";
import { check, InputError } from "../../lib/schema/index.ts";

describe("the claims of the text", () => {
  test("cover the numbers that section 5 and section 6 turn on", () => {
    const numbers = claims.map(({ value, unit }) => `${value} ${unit}`);
    for (const number of ["2250 µs", "1440 µs", "316 µs", "115 µs", "5 ms", "800 KB/s", "430 µs", "510 µs", "530 KB/s", "600 KB/s", "94 %", "262 %", "54 %", "6 %", "4 %", "40,50 %", "80 µs", "34 µs", "100 %"]) {
      expect(numbers).toContain(number);
    }
  });

  test("a number that is not an ordering can be read in the quoted phrase", () => {
    const words: Record<string, string> = { "2 pages": "two", "1 bytes": "one", "3 runs": "three", "10 runs": "ten", "1 times": "one", "8 times": "eight", "1024 KB": "1M", "0 switches": "no" };
    for (const { quote, value, unit } of claims.filter(({ unit }) => unit !== "ratio")) {
      for (const number of [value].flat()) expect(quote).toContain(words[`${number} ${unit}`] ?? String(number));
    }
  });

  test("each says how it can be checked: what the authors expect is left to the simulation", () => {
    for (const { nature, checkedBy } of claims) {
      if (nature === "expected") expect(checkedBy).toContain("simulation");
      if (nature === "restated") expect(checkedBy).toEqual(["cells"]);
      if (nature === "derived") expect(checkedBy).toContain("cells");
    }
  });

  test("an unknown one is answered with the nearest", () => {
    expect(claim("page-fault").value).toBe(316);
    expect(() => claim("page-falt")).toThrow(new InputError('unknown claim: "page-falt"; nearest is "page-fault"'));
  });
});

describe("claimHolds", () => {
  test.each([
    ["page-fault", [315.6, 316.4], [315.4, 316.6]],
    ["never-below", [93.75, 100], [93.4]],
    ["memory-ratio", [40, 44, 50], [39, 62.5]],
    ["tuned-improvement", [91, 109], [87.5, 111]],
    ["raw-increment-one", [0.99], [1, 1.2]],
    ["mix-getpid-dearer", [1.4], [1, 0.9]],
    ["end-result-same", [1], [0.94, 1.06]],
    ["supervisor-no-switches", [0], [1]],
  ])("%s holds at %j and not at %j", (id, holds, fails) => {
    for (const value of holds) expect(claimHolds(claim(id), value)).toBe(true);
    for (const value of fails) expect(claimHolds(claim(id), value)).toBe(false);
  });
});

describe("a bad claim", () => {
  const good = { id: "a", section: "9", paragraph: 1, quote: "7 ms", says: "nothing", value: 7, unit: "ms", sense: "exactly", nature: "measured", checkedBy: ["simulation"] };
  const read = (...entries: unknown[]) => claimsOf(check(claimsFile, entries, "claims.json"), "claims.json");

  test("the claim that the faults below are put into is good", () => {
    expect(read(good)[0].interval).toEqual([6.5, 7.5]);
  });

  test.each([
    [{ sense: "exact" }, /^claims\.json: \[0\]\.sense: "exact" is not allowed; nearest is "exactly"/],
    [{ sense: "between" }, /^claims\.json: \[0\]\.value: is a pair in a claim of the sense between/],
    [{ paragraph: 0 }, /^claims\.json: \[0\]\.paragraph: /],
    [{ cells: ["5-3 | Read | Mach 2.7 | ms"] }, /^claims\.json: a: unknown column of Table 5-3: "Mach 2\.7"/],
  ])("with the fault %j gives one line that says where", (fault, message) => {
    expect(() => read({ ...good, ...fault })).toThrow(message);
  });

  test("with an identifier that is taken is refused", () => {
    expect(() => read(good, good)).toThrow(/^claims\.json: a: stands there twice$/);
  });
});
