import { expect, test } from "vitest";
import { sweep } from "../../../lib/index.ts";

test("no more threads are started than there are chunks for", async () => {
  let started = 0;
  const count = () => started++;
  process.on("worker", count);
  try {
    const result = await sweep({ system: "mach26", turns: [1, 2, 3] }, "getpid", { backend: "threads", threads: 9, chunkPoints: 2, store: false });
    expect(result.length).toBe(3);
    expect(started).toBe(2);
  } finally {
    process.off("worker", count);
  }
});
