import { expect, test } from "vitest";
import { boot, cachedRead, sequentialWrite, systemNames } from "../../lib/index.ts";

test.each(systemNames)("a system that ends leaves its memory to the next, without a byte of it: %s", (name) => {
  const run = () => {
    const system = boot(name, { seed: 3 });
    return { system, results: [cachedRead(system, { fileBytes: 65536 }), sequentialWrite(system, { fileBytes: 65536 })] };
  };
  const first = run();
  const { bytes } = first.system.machine.memory;
  expect(bytes.some((byte) => byte !== 0)).toBe(true);
  first.system.end();
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  const second = run();
  expect(second.system.machine.memory.bytes).toBe(bytes);
  expect(second.results).toEqual(first.results);
});

test("disks of the same file system share an image and nothing that is written", () => {
  const [one, other] = [boot("mach26"), boot("mach26")];
  one.prepare({ "/only-here": 4096 });
  expect(one.image().files).toEqual(["/only-here"]);
  expect(other.image().files).toEqual([]);
});
