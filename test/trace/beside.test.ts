/** Two calls step by step: nothing of either is lost, and what only one of them does is marked. */
import { describe, expect, test } from "vitest";
import type { SystemName } from "../../lib/systems/boot.ts";
import { beside, scene, sceneNames } from "../../lib/trace/index.ts";

const supply = { pager: { interface: "data_supply", throughBufferCache: false } } as const;
const provided = scene("mach3", "read from disk").sequence;

describe("side by side", () => {
  test("a call is the same as itself", () => {
    const rows = beside(provided, scene("mach3", "read from disk").sequence);
    expect(rows).toHaveLength(provided.steps.length);
    expect(rows.every(({ same }) => same)).toBe(true);
  });

  test.each([["mach26", "svr4"], ["mach3", "mix"], ["mix", "mach26"]] as [SystemName, SystemName][])("%s and %s: each side has all its steps in order, and like stands beside like", (one, other) => {
    for (const what of sceneNames) {
      const [a, b] = [scene(one, what).sequence, scene(other, what).sequence];
      const rows = beside(a, b);
      expect(rows.flatMap((row) => row.a ?? [])).toEqual(a.steps);
      expect(rows.flatMap((row) => row.b ?? [])).toEqual(b.steps);
      for (const row of rows) if (row.same) expect([row.a!.kind, row.a!.to, row.a!.label]).toEqual([row.b!.kind, row.b!.to, row.b!.label]);
    }
  });

  test("data_provided copies in the kernel, data_supply hands over: just that is marked", () => {
    const marked = beside(provided, scene("mach3", "read from disk", supply).sequence).filter(({ same }) => !same);
    const [left, right] = [marked.flatMap(({ a }) => a ?? []), marked.flatMap(({ b }) => b ?? [])];
    expect(left.filter(({ move }) => move === "copy")).toMatchObject([{ label: "copy: buffer cache → memory object", bytes: 4096 }]);
    expect(right.filter(({ move }) => move !== undefined)).toMatchObject([{ move: "page", label: "hand over: memory of BSD4.3 server → memory object" }]);
    expect(left.map(({ label }) => label)).toContain("memory_object_data_provided");
    expect(right.map(({ label }) => label)).toContain("memory_object_data_supply");
  });
});
