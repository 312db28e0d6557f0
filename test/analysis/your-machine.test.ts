/** The paper's conclusions on other machines: verdicts follow from runs, and the machines from data. */
import { describe, expect, it } from "vitest";
import { whatIfMachine, whatIfMachineNames, whatIfMachineParameters } from "../../lib/analysis/what-if-machines.ts";
import { verdicts, yourMachine } from "../../lib/analysis/your-machine.ts";
import { claims } from "../../lib/paper/index.ts";
import { boot, systemNames } from "../../lib/systems/boot.ts";
import { getpid } from "../../lib/workloads/index.ts";

describe("the conclusions", () => {
  const rows = yourMachine({ "hp-vectra": {}, flash: whatIfMachine("flash-today") });
  const verdict = (machine: string, words: string) => rows.find((row) => row.machine === machine && row.conclusion.includes(words))!;

  it("are claims of the paper, and each verdict follows from its value", () => {
    for (const { claim, value, needs, survives } of rows) {
      expect(claims.map(({ id }) => id)).toContain(claim);
      const [, sense, threshold] = /^(at least|below) (\d+)\u00a0%$/.exec(needs)!;
      expect(survives).toBe(sense === "below" ? value < Number(threshold) : value >= Number(threshold));
    }
  });

  it("hold on the paper's machine as far as the files on its disk go", () => {
    for (const words of ["reads files as fast as Mach 2.6", "writes files as fast as Mach 2.6", "a cached read() of a byte", "hides", "larger reads"]) {
      expect(verdict("hp-vectra", words).survives, words).toBe(true);
    }
  });

  it("change with the machine: flash needs no read-ahead, and gains more from larger reads", () => {
    expect(verdict("flash", "read-ahead speeds Mach 3.0 up").survives).toBe(false);
    expect(verdict("flash", "larger reads").value).toBeGreaterThan(2 * verdict("hp-vectra", "larger reads").value);
  });

  it("stand side by side, a row each, as many as there are", () => {
    const table = verdicts(rows);
    expect(table).toHaveLength(rows.length / 2);
    const [first] = table;
    const { value, survives } = verdict("flash", first!.conclusion!);
    expect(first!.flash).toBe(`${survives ? "yes" : "no"}, ${value.toFixed(0)}\u00a0%`);
  });

  it("can be asked of a machine of one's own, which is checked like any option", () => {
    expect(() => yourMachine({ mine: { machine: { base: "hp-vectra", processor: { sped: 2 } as object } } })).toThrow(/unknown name "sped"; nearest is "speed"/);
  });
});

describe.each(whatIfMachineNames)("%s", (name) => {
  it("boots every system, and its code runs at the speed that the data say", () => {
    const { speed } = whatIfMachineParameters(name).values.processor;
    for (const system of systemNames) {
      const ratio = getpid(boot(system), 50).usPerOperation / getpid(boot(system, whatIfMachine(name)), 50).usPerOperation;
      expect(ratio / speed, system).toBeGreaterThan(0.9);
      expect(ratio / speed, system).toBeLessThan(1.1);
    }
  });
});

it("a machine that does not exist is named with its nearest", () => {
  expect(() => whatIfMachine("pc-1999" as never)).toThrow(/^unknown machine "pc-1999"; nearest is "pc-1998"/);
});
