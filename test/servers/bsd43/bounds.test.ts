/** Options of the server with which it could not work are refused in one line, before anything is built. */
import { expect, test } from "vitest";
import { InputError } from "../../../lib/schema/index.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";

const refused: Record<string, [BootOptions<"mach3">, RegExp][]> = {
  "a window that is no whole number of pages, or fills an address space": [
    [{ mapping: { windowBytes: 5000 } }, /^options of mach3: mapping\.windowBytes: must be a multiple of 4096, found 5000$/],
    [{ mapping: { windowBytes: 65537 } }, /multiple of 4096, found 65537$/],
    [{ mapping: { windowBytes: 0 } }, /mapping\.windowBytes: .*4096, found 0$/],
    [{ mapping: { windowBytes: 2 ** 31 } }, /mapping\.windowBytes: .*<=4194304, found 2147483648$/],
  ],
  "an answer of the Inode Pager that is no whole number of pages, or more than 64 KB": [
    [{ pager: { readBytes: 6000 } }, /^options of mach3: pager\.readBytes: must be a multiple of 4096, found 6000$/],
    [{ pager: { readBytes: 69632 } }, /pager\.readBytes: .*<=65536, found 69632$/],
  ],
  "more than 16 reads ahead": [[{ pager: { readAhead: 17 } }, /pager\.readAhead: .*<=16, found 17$/]],
  "more threads at first than there may be": [
    [{ server: { minThreads: 90 } }, /^server\.minThreads: expected maxThreads, 80, or fewer, found 90$/],
    [{ server: { maxThreads: 2 } }, /^server\.minThreads: expected maxThreads, 2, or fewer, found 4$/],
  ],
  "more threads that must wait for requests than may": [
    [{ server: { minIdleThreads: 7 } }, /^server\.minIdleThreads: expected maxIdleThreads, 6, or fewer, found 7$/],
    [{ server: { maxIdleThreads: 1 } }, /^server\.minIdleThreads: expected maxIdleThreads, 1, or fewer, found 2$/],
  ],
  "more read ahead than there is": [[{ pager: { aheadPercent: 101 } }, /pager\.aheadPercent: .*<=100, found 101$/]],
  "no time at all for whoever holds a share lock": [[{ server: { lockTimeoutMs: 0 } }, /server\.lockTimeoutMs: .*0\.001, found 0$/]],
};

test.each(Object.entries(refused))("%s", (_what, cases) => {
  for (const [options, message] of cases) {
    expect(() => boot("mach3", options)).toThrow(InputError);
    expect(() => boot("mach3", options)).toThrow(message);
  }
});

test("the ends of what is allowed work", () => {
  const ends: BootOptions<"mach3">[] = [
    { mapping: { windowBytes: 4096 }, pager: { readBytes: 4096, readAhead: 0 }, server: { minThreads: 80 } },
    { mapping: { windowBytes: 4 * 1024 * 1024 }, pager: { readBytes: 65536, readAhead: 16, throughBufferCache: false }, server: { minThreads: 2, maxThreads: 2, minIdleThreads: 1, maxIdleThreads: 1 } },
  ];
  for (const options of ends) {
    const system = boot("mach3", options);
    system.prepare({ "/file": 100_000 });
    expect(system.run(function* (unix) {
      return (yield* unix.read(yield* unix.open("/file"), 200_000)).length;
    })).toBe(100_000);
  }
});
