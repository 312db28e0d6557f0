import { expect, test } from "vitest";
import { versionedFiles } from "../../../lib/analysis/sweep/version.ts";

test.each(["lib/engine/random.ts", "lib/analysis/sweep/backends/thread-entry.mjs", "data/machines/compaq.json", "package-lock.json"])("the version of rows depends on %s", (path) => {
  expect(versionedFiles()).toContain(path);
});
