/**
 * The order of the test files: the longest first, so that at the end no worker waits long for another.
 *
 * Vitest knows how long a file takes only from earlier runs, and a fresh clone has none.
 */
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** The files that take half a minute and more, longest first. Those of the notebooks use more than one processor each. */
const LONGEST = ["notebook/lab", "notebook/series", "systems/properties", "cli/book", "cli/command-line", "analysis/sweep/redis", "notebook/notebooks"];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const long = LONGEST.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/test/${name}.test.ts`)));
    return [...long, ...sorted.filter((file) => !long.includes(file))];
  }
}
