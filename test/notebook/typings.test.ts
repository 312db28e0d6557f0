import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../lib/notebook/places.ts";
import { ensureTypings } from "../../lib/notebook/typings.ts";

test("all that the library exports can be declared, so cells see its types", async () => {
  rmSync(join(projectRoot, "node_modules/.cache/kernelized/sources.sha256"), { force: true });
  const problems: string[] = [];
  await ensureTypings((problem) => problems.push(problem));
  expect(problems).toEqual([]);
});
