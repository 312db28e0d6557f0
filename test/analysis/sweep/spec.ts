/** Specs of small sweeps for the tests. */
import type { Grid, SweepSpec } from "../../../lib/analysis/sweep/spec.ts";

export const specOf = (grid: Grid, workload = "sequentialRead", more: Partial<SweepSpec> = {}): SweepSpec => ({
  grids: [grid as SweepSpec["grids"][number]],
  workload,
  seed: 1,
  commonRandomNumbers: true,
  chunkPoints: 4,
  version: "test",
  ...more,
});
