import { describe, expect, test } from "vitest";
import { serverModes } from "../../lib/analysis/server-modes.ts";
import type { ServerModeRow } from "../../lib/analysis/server-modes.ts";

const rows = serverModes();
const benchmarks = ["null RPC", "cached read of 4 KB", "uncached read of 4 KB", "write of 4 KB"];
const of = (benchmark: string, servers: string) => rows.find((row) => row.benchmark === benchmark && row.servers === servers)!;
/** A count, for each call of a benchmark: rare ones of an open() or of clearing up are below a tenth. */
const rounded = ({ messages, handlerCalls, threadSwitches, addressSpaceSwitches, traps, copiedBytes }: ServerModeRow) =>
  [messages, handlerCalls, threadSwitches, addressSpaceSwitches, traps, copiedBytes / 4096].map((count) => Math.round(10 * count) / 10);

test("each benchmark runs with the servers in supervisor space, without handlers, and in user space", () => {
  expect(rows.map(({ benchmark, servers }) => `${benchmark}, ${servers}`)).toEqual(benchmarks.flatMap((one) => ["supervisor", "no handlers", "user"].map((servers) => `${one}, ${servers}`)));
});

describe.each(benchmarks)("%s", (benchmark) => {
  const [supervisor, threads, user] = ["supervisor", "no handlers", "user"].map((servers) => of(benchmark, servers)) as [ServerModeRow, ServerModeRow, ServerModeRow];

  test("costs more without handlers, and most in user space; only what has threads of its own has a band", () => {
    expect(supervisor.highUs).toBe(supervisor.lowUs);
    expect(supervisor.times).toBe(1);
    expect(threads.us).toBeGreaterThan(supervisor.us);
    expect(user.us).toBeGreaterThan(threads.us);
    expect(user.processorUs).toBeGreaterThan(threads.processorUs);
    for (const { us, lowUs, highUs } of [threads, user]) {
      expect(lowUs).toBeLessThan(us);
      expect(highUs).toBeGreaterThan(us);
    }
  });

  test("switches address spaces in user space alone, threads without handlers as well", () => {
    expect([supervisor.threadSwitches, supervisor.addressSpaceSwitches, threads.addressSpaceSwitches]).toEqual([0, 0, 0]);
    expect(threads.threadSwitches).toBeGreaterThanOrEqual(2);
    expect(user.addressSpaceSwitches).toBeCloseTo(user.threadSwitches, 5);
  });
});

test("the counts of a call: messages, handlers, thread switches, address-space switches, traps, pages copied", () => {
  expect(rounded(of("cached read of 4 KB", "supervisor"))).toEqual([0, 0, 0, 0, 1, 1]);
  expect(rounded(of("cached read of 4 KB", "user"))).toEqual([2, 0, 2, 2, 4, 2]);
  expect(rounded(of("uncached read of 4 KB", "supervisor"))).toEqual([2, 1, 0, 0, 1, 1]);
  expect(rounded(of("uncached read of 4 KB", "user"))).toEqual([6, 1, 4, 4, 8, 3]);
  expect(rounded(of("write of 4 KB", "supervisor"))).toEqual([4, 2, 0, 0, 1, 1]);
  expect(rounded(of("write of 4 KB", "user"))).toEqual([8.1, 1, 6, 6, 11.1, 4]);
});
