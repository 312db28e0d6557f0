import { describe, expect, test } from "vitest";
import { RandomStream, SteadyState, studentT } from "../../lib/engine/index.ts";

const precision = { halfWidth: 0.05, confidence: 0.95 };

/** Runs until it is known well enough, at most `most` values; undefined when it never is. */
function run(next: (i: number) => number, most = 50_000) {
  const steady = new SteadyState(precision);
  for (let i = 0; i < most; i++) if (steady.add(next(i))) return { ...steady.known()!, values: i + 1 };
  return undefined;
}

test("Student's t is that of the tables", () => {
  expect([studentT(0.95, 1), studentT(0.95, 19), studentT(0.99, 4)].map((t) => t.toFixed(3))).toEqual(["12.706", "2.093", "4.604"]);
});

describe("a run stops by itself", () => {
  test("at once when nothing varies, and with the interval that was asked for", () => {
    expect(run(() => 100)).toEqual({ warmUp: 0, count: 320, mean: 100, halfWidth: 0.05, values: 320 });
  });

  test("later the more it varies, with the true mean in the interval as often as was asked, also when values hang together", () => {
    const lengths: number[] = [];
    for (const noise of [20, 60]) {
      let hits = 0;
      let total = 0;
      for (let seed = 0; seed < 100; seed++) {
        const chance = new RandomStream(seed, "values");
        let state = 0;
        const known = run(() => 100 + (state = 0.7 * state + noise * (chance.uniform() + chance.uniform() + chance.uniform() - 1.5)))!;
        if (Math.abs(known.mean - 100) <= known.halfWidth * known.mean) hits++;
        total += known.values;
      }
      expect(hits).toBeGreaterThanOrEqual(90);
      lengths.push(total / 100);
    }
    expect(lengths[1]!).toBeGreaterThan(2 * lengths[0]!);
  });

  test("without the beginning, while it was different", () => {
    const known = run((i) => (i < 100 ? 300 - 2 * i : 100) + (i % 7))!;
    expect(known.warmUp).toBeGreaterThanOrEqual(90);
    expect(known.mean).toBeCloseTo(103, 0);
  });

  test("not while it goes on changing", () => {
    expect(run((i) => 100 + i, 5000)).toBeUndefined();
  });

  test("with whole turns of what repeats itself after 16 values", () => {
    expect(run((i) => (i % 16 === 15 ? 1600 : 0))).toMatchObject({ mean: 100, warmUp: 0 });
  });
});
