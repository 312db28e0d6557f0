import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputQueue } from "../../lib/notebook/output-queue.ts";

/** A queue and what came out of it, printed text joined. */
function recorded(): { queue: OutputQueue; seen: string[] } {
  const seen: string[] = [];
  const queue = new OutputQueue({ print: (name, text) => seen.push(`${name}:${text}`), show: (bundle) => seen.push(`show:${bundle["text/plain"]}`) });
  return { queue, seen };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant("print" as const), name: fc.constantFrom("stdout" as const, "stderr" as const), text: fc.string({ minLength: 1, maxLength: 3 }) }),
  fc.record({ kind: fc.constantFrom("show" as const, "draw" as const), text: fc.string(), delayMs: fc.nat(3) }),
);

test("outputs come in the order of the calls, whatever has to be drawn first", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { queue, seen } = recorded();
      const expected: string[] = [];
      for (const one of steps) {
        if (one.kind === "print") {
          queue.print(one.name, one.text);
          if (expected.at(-1)?.startsWith(`${one.name}:`)) expected[expected.length - 1] += one.text;
          else expected.push(`${one.name}:${one.text}`);
        } else {
          const bundle = { "text/plain": one.text };
          queue.show(one.kind === "show" ? bundle : sleep(one.delayMs, bundle), "id", false);
          expected.push(`show:${one.text}`);
        }
      }
      await queue.settle();
      expect(seen).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("what is printed without an end is seen before the cell ends", async () => {
  const { queue, seen } = recorded();
  queue.print("stdout", "working");
  await sleep(200);
  expect(seen).toEqual(["stdout:working"]);
});

test("a loop that lets no timer run is seen to print", () => {
  const { queue, seen } = recorded();
  const end = performance.now() + 200;
  while (performance.now() < end) queue.print("stdout", ".");
  expect(seen.length).toBeGreaterThan(1);
});

test("a failure to draw is told when the cell ends, once, and keeps nothing else back", async () => {
  const { queue, seen } = recorded();
  queue.show(Promise.reject(new Error("no ink")), "id", false);
  queue.print("stdout", "after");
  await expect(queue.settle()).rejects.toThrow("no ink");
  expect(seen).toEqual(["stdout:after"]);
  await queue.settle();
});
