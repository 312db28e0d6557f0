/** Section 6.2 carried out: rows that are runs, and what they say of the paper's proposals. */
import { describe, expect, it } from "vitest";
import { crossPollination } from "../../lib/analysis/cross-pollination.ts";
import { breakEven, redirection } from "../../lib/analysis/redirection.ts";

describe("the techniques of other systems", () => {
  const rows = crossPollination();
  const row = (words: string) => rows.find(({ variant }) => variant.includes(words))!;
  const base = (system: string) => rows.find((one) => one.system === system && one.variant === "as measured")!;

  it("stand beside the system as it was measured, with the paper's words", () => {
    for (const one of rows) {
      const measured = base(one.system);
      expect(one.readChange).toBeCloseTo(100 * (one.readKBPerSec / measured.readKBPerSec - 1), 9);
      expect(one.cachedReadChange).toBeCloseTo(100 * (one.cachedReadUs / measured.cachedReadUs - 1), 9);
      expect(one.paperSays === "").toBe(one === measured);
    }
  });

  it("change nothing about the disk's speed for one reader", () => {
    for (const { variant, readChange } of rows) expect(Math.abs(readChange), variant).toBeLessThan(5);
  });

  it("a driver in the server of Mach 3.0 saves switches and copies, and not the processor's time of its interrupts", () => {
    expect(row("disk driver in the server").threadSwitches).toBeLessThan(base("mach3").threadSwitches / 2);
    expect(row("pages given").copies).toBeLessThan(base("mach3").copies - 0.9);
    expect(row("disk driver in the server").processorChange).toBeGreaterThan(-3);
    expect([row("disk driver in the server").comesTrue, row("pages given").comesTrue]).toEqual([true, true]);
  });

  it("mapped files halve the one-byte read of Mach 2.6 and let it keep more in memory", () => {
    expect(row("mapped files and").oneByteReadChange).toBeLessThan(-40);
    expect(row("mapped files and").cacheMB).toBeGreaterThan(5 * base("mach26").cacheMB);
  });

  it("asynchronous page-out of CHORUS/MiX helps several writers, and not one", () => {
    expect(row("asynchronously").comesTrue).toBe(true);
    expect(Math.abs(row("asynchronously").writeChange)).toBeLessThan(2);
  });

  it("read-ahead of CHORUS/MiX saves messages, and on this controller, which looks ahead itself, no time", () => {
    expect(row("read-ahead").messages).toBeLessThan(base("mix").messages / 2);
    expect(row("read-ahead").comesTrue).toBe(false);
  });
});

describe("a handler instead of the library", () => {
  const rows = redirection();

  it("is dearer for each call that needs no message, cheaper for one that does, within its band", () => {
    for (const { call, messages, dearerUs, libraryUs, handlerUs, handlerBandUs: [low, high] } of rows) {
      expect(dearerUs).toBeCloseTo(handlerUs - libraryUs, 9);
      expect(dearerUs > 0, call).toBe(messages < 1);
      expect(low < handlerUs && handlerUs < high, call).toBe(true);
    }
  });

  it("pays when a certain share of the calls needs the server", () => {
    const share = breakEven(rows) / 100;
    const [local, remote] = [rows[0]!, rows.at(-1)!];
    const mean = (by: "libraryUs" | "handlerUs") => (1 - share) * local[by] + share * remote[by];
    expect(mean("libraryUs")).toBeCloseTo(mean("handlerUs"), 6);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });
});
