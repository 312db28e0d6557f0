import { expect, test } from "vitest";
import { serverModes } from "../../lib/analysis/server-modes.ts";

test("servers in user space cost more, within a band, and the counts say why", () => {
  const rows = serverModes();
  expect(rows.map(({ benchmark }) => benchmark)).toEqual(["null RPC", "cached read of 4 KB", "uncached read of 4 KB", "write of 4 KB"]);
  for (const { benchmark, supervisorUs, userUs, userBandUs: [low, high], supervisorCounts, userCounts } of rows) {
    expect(userUs, benchmark).toBeGreaterThan(supervisorUs);
    expect(low, benchmark).toBeLessThanOrEqual(userUs);
    expect(high, benchmark).toBeGreaterThanOrEqual(userUs);
    expect(supervisorCounts.addressSpaceSwitches).toBeLessThan(0.1);
    expect(userCounts.addressSpaceSwitches).toBeGreaterThanOrEqual(2);
    expect(userCounts.copiedBytes).toBeGreaterThan(supervisorCounts.copiedBytes);
  }
});
