/** Parameter files: one shape for the data, for what a what-if may change, and for the plain values. */
import { describe, expect, it } from "vitest";
import { amount, check, choice, flag, override, parameterOverrides, parameters, whole } from "../../lib/schema/index.ts";

const shape = {
  disk: { rpm: whole("rpm", 1), headSwitchMs: amount("ms") },
  controller: { lookAhead: flag, order: choice("cylinder", "arrival") },
} as const;

const source = { kind: "chosen", source: "here" };
const file = {
  name: "test",
  description: "a machine",
  disk: {
    rpm: { value: 3600, unit: "rpm", kind: "measured", source: "Table 9", cells: ["9 | a"] },
    headSwitchMs: { value: 1.2, unit: "ms", kind: "assumed", source: "guess", range: [0.5, 2] },
  },
  controller: { lookAhead: { value: true, ...source }, order: { value: "cylinder", ...source } },
};

/** The message that the file gives with `change` in its disk. */
const fault = (change: object) => () => parameters(shape, { ...file, disk: { ...file.disk, ...change } }, "test.json");

describe("a file", () => {
  it("gives plain values, and tells of each where it comes from", () => {
    const { values, provenance } = parameters(shape, file, "test.json");
    expect(values).toEqual({ disk: { rpm: 3600, headSwitchMs: 1.2 }, controller: { lookAhead: true, order: "cylinder" } });
    expect(provenance.get("disk.rpm")).toEqual({ kind: "measured", source: "Table 9", cells: ["9 | a"], whole: true });
    expect(provenance.get("disk.headSwitchMs")).toEqual({ kind: "assumed", source: "guess", cells: [], range: [0.5, 2] });
    expect(provenance.get("controller.order")).toEqual({ ...source, cells: [], choices: ["cylinder", "arrival"] });
    expect(provenance.get("controller.lookAhead")?.choices).toEqual([false, true]);
    expect(provenance.size).toBe(4);
  });

  it("must give every value of the shape, in its unit and within bounds, and no other", () => {
    expect(fault({ rpm: undefined })).toThrow('test.json: disk.rpm: missing (expected a quantity { value, unit: "rpm", kind, source })');
    expect(fault({ rpm: { ...file.disk.rpm, unit: "Hz" } })).toThrow('test.json: disk.rpm.unit: "Hz" is not allowed; nearest is "rpm"');
    expect(fault({ rpm: { ...file.disk.rpm, value: 0 } })).toThrow("test.json: disk.rpm.value: expected number to be >=1, found 0");
    expect(fault({ headSwitch: file.disk.headSwitchMs })).toThrow('test.json: disk: unknown name "headSwitch"; nearest is "headSwitchMs"');
    expect(() => parameters(shape, { ...file, controller: { ...file.controller, order: { value: "arival", ...source } } }, "test.json")).toThrow(
      'test.json: controller.order.value: "arival" is not allowed; nearest is "arrival" (of cylinder, arrival)',
    );
    expect(() => parameters(shape, { ...file, controller: { ...file.controller, order: { value: "arrival", kind: "derived", source: "x" } } }, "test.json")).toThrow(
      "test.json: controller.order.how: missing (a derived value says how it was derived)",
    );
  });
});

describe("overrides", () => {
  const given = parameters(shape, file, "test.json");

  it("take the place of values, which are chosen then; the file's own stay as they are", () => {
    const { values, provenance } = override(given, { disk: { rpm: 5400 }, controller: { lookAhead: false } });
    expect(values).toEqual({ disk: { rpm: 5400, headSwitchMs: 1.2 }, controller: { lookAhead: false, order: "cylinder" } });
    expect(provenance.get("disk.rpm")).toEqual({ kind: "chosen", source: "option", cells: [] });
    expect(provenance.get("disk.headSwitchMs")?.kind).toBe("assumed");
    expect(given.values.disk.rpm).toBe(3600);
    expect(given.provenance.get("disk.rpm")?.kind).toBe("measured");
  });

  it("that are undefined change nothing", () => {
    expect(override(given, check(parameterOverrides(shape), { disk: { rpm: undefined }, controller: undefined }, "options"))).toEqual(given);
  });

  it("are checked by the same shape", () => {
    const rejected = (overrides: object) => () => check(parameterOverrides(shape), overrides, "options");
    expect(rejected({ disk: { rpm: 0 } })).toThrow("options: disk.rpm: expected number to be >=1, found 0");
    expect(rejected({ disk: { rmp: 1 } })).toThrow('options: disk: unknown name "rmp"; nearest is "rpm" (of rpm, headSwitchMs)');
    expect(rejected({ disc: {} })).toThrow('options: unknown name "disc"; nearest is "disk" (of disk, controller)');
    expect(rejected({ controller: { lookAhead: "on" } })).toThrow('options: controller.lookAhead: expected boolean, found "on"');
  });
});

describe("a derived value", () => {
  const costs = { costs: { bmapUs: amount("us"), readUs: amount("us"), pageUs: amount("us") }, disk: { waitUs: amount("us") } } as const;
  const quantity = (value: number, more: object) => ({ value, unit: "us", source: "here", ...more });
  const given = parameters(
    costs,
    {
      name: "test",
      description: "a system",
      costs: {
        bmapUs: quantity(15, { kind: "assumed", range: [5, 400] }),
        pageUs: quantity(80, { kind: "derived", how: "100 - readUs / 2 + disk.waitUs" }), // stands before what it starts from
        readUs: quantity(60, { kind: "derived", how: "75 - bmapUs" }),
      },
      disk: { waitUs: quantity(10, { kind: "assumed", range: [0, 20] }) },
    },
    "test.json",
  );

  it("follows what it is made of, over others too, from any group", () => {
    expect(override(given, { costs: { bmapUs: 25 } }).values.costs).toEqual({ bmapUs: 25, readUs: 50, pageUs: 85 });
    expect(override(given, { disk: { waitUs: 0 } }).values.costs).toEqual({ bmapUs: 15, readUs: 60, pageUs: 70 });
    expect(override(given, { costs: { bmapUs: 25 } }).provenance.get("costs.readUs")?.kind).toBe("derived");
  });

  it("stays as it is chosen, and then others follow it", () => {
    expect(override(given, { costs: { bmapUs: 25, readUs: 40 } }).values.costs).toEqual({ bmapUs: 25, readUs: 40, pageUs: 90 });
  });

  it("may not fall below what is allowed", () => {
    expect(() => override(given, { costs: { bmapUs: 100 } })).toThrow("costs.readUs: 75 - bmapUs comes to -25 with these options; expected 0 or more");
  });
});

describe("a multiple", () => {
  const sizes = { disk: { rpm: whole("rpm", 512, 512) } } as const;
  it("is checked in options as in files", () => {
    const options = parameterOverrides(sizes);
    expect(check(options, { disk: { rpm: 1024 } }, "options")).toEqual({ disk: { rpm: 1024 } });
    expect(() => check(options, { disk: { rpm: 1000 } }, "options")).toThrow("options: disk.rpm: must be a multiple of 512, found 1000");
  });
});
