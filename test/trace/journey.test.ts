import { expect, test } from "vitest";
import { journey, scene } from "../../lib/trace/index.ts";

const told = (rows: ReturnType<typeof journey>) => rows.map(({ from, to, how }) => `${from} > ${to}: ${how}`);

test("a page of Mach 3.0 comes from the disk through the server's buffer, with two copies; data_supply saves one", () => {
  const copied = journey(scene("mach3", "read from disk"));
  expect(told(copied)).toEqual([
    "disk > device read: programmed I/O",
    "device read > memory of BSD4.3 server: page handed over",
    "memory of BSD4.3 server > buffer cache: page handed over",
    "buffer cache > memory object: copied",
    "memory object > process: page mapped",
    "memory object > memory of process: copied",
  ]);
  const supplied = journey(scene("mach3", "read from disk", { pager: { interface: "data_supply", throughBufferCache: false } }));
  expect(supplied.filter(({ how }) => how === "copied")).toHaveLength(1);
});

test.each(["mach26", "mix", "svr4"] as const)("a page of %s is copied once", (name) => {
  const legs = journey(scene(name, "read from disk"));
  expect(legs.filter(({ how }) => how === "copied")).toHaveLength(1);
  for (const { bytes } of legs) expect(bytes).toBe(4096);
});

test("a call that moves no bytes has no journey", () => {
  expect(journey(scene("mach26", "stat"))).toEqual([]);
});
