/**
 * Small result tables as danfojs frames, with the units in the names of their columns.
 *
 * Layer: plots. Frames are for what people see: danfojs reckons in 32-bit fractions, so
 * nothing that is compared with the paper may be computed with them.
 */
import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import { nameOf } from "../paper/index.ts";
import type { Finding } from "../paper/index.ts";
import { InputError } from "../schema/index.ts";
import { digits } from "./compared.ts";
import type { AgreementOf, Compared, ComparedStatement } from "./compared.ts";
import { headingOf } from "./names.ts";
import { recordsOf } from "./rows.ts";
import type { Rows } from "./rows.ts";

/**
 * The rows, or the columns of a sweep, as a danfojs DataFrame. A name such as `pageFaultUs`
 * becomes the heading "page fault (µs)"; a name that is written as a heading already stays.
 * What a row lacks stays empty. `toCSV()` of the frame gives it as text.
 * @throws InputError when a value is neither a number nor a word, a truth value or nothing.
 */
export function frame(rows: Rows): DataFrame {
  const records = recordsOf(rows);
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const values = records.map((record, i) =>
    names.map((name) => {
      const value = record[name] ?? null;
      if (typeof value !== "object" || value === null) return value;
      throw new InputError(`frame: column "${name}" holds ${Array.isArray(value) ? "an array" : "an object"} in row ${i + 1}; a table holds numbers and words`);
    }),
  );
  return new (danfo().DataFrame)(values, { columns: names.map(headingOf) });
}

/** Compared cells as a frame: the paper beside the simulation, the difference in percent, the evidence. */
export function comparisonFrame(cells: readonly Compared[]): DataFrame {
  const units = new Set(cells.map(({ unit }) => unit));
  const inUnit = units.size === 1 ? ` (${[...units][0]})` : "";
  return frame(
    cells.map(({ row, column, unit, paper, simulated, relativeError, evidence }) => ({
      row,
      column,
      ...(inUnit === "" && { unit }),
      [`paper${inUnit}`]: paper,
      [`simulated${inUnit}`]: simulated,
      "difference (%)": Number((100 * relativeError).toFixed(1)),
      evidence,
    })),
  );
}

/** How well each kind of evidence agrees, as compare() sums it up, as a frame. */
export function summaryFrame(summary: Readonly<Record<string, AgreementOf>>): DataFrame {
  const percentOf = (ratio: number | undefined) => (ratio === undefined ? undefined : Number((100 * ratio).toFixed(1)));
  return frame(
    Object.entries(summary).map(([evidence, { cells, medianError, worstError, insideRounding }]) => ({
      evidence,
      cells,
      medianErrorPercent: percentOf(medianError),
      worstErrorPercent: percentOf(worstError),
      insideRounding,
    })),
  );
}

/** Those compared cells that come with an explanation of why they are missed, as a frame. */
export function missesFrame(cells: readonly Compared[]): DataFrame {
  return frame(
    cells
      .filter(({ explanation }) => explanation !== undefined)
      .map(({ row, column, unit, paper, simulated, relativeError, explanation }) => ({
        row,
        column,
        unit,
        paper,
        simulated,
        "difference (%)": Number((100 * relativeError).toFixed(1)),
        why: explanation,
      })),
  );
}

/** Compared claims of the text as a frame: what the paper says beside the simulation, and whether it holds there. */
export function claimsFrame(claims: readonly ComparedStatement[]): DataFrame {
  return frame(
    claims.map(({ says, how, unit, paper, simulated, holds, explanation }) => ({
      "what the text says": says,
      how,
      paper: typeof paper === "number" ? String(paper) : paper.join(" to "),
      simulated: digits(simulated),
      unit: unit === "ratio" ? "" : unit,
      holds: holds ? "yes" : "no",
      "if not, why": explanation ?? "",
    })),
  );
}

/** Findings of the paper's audit as a frame: what is printed, what it comes to, and what it should be. */
export function findingsFrame(findings: readonly Finding[]): DataFrame {
  return frame(
    findings.map(({ of, how, unit, printed, recomputed, corrected, explanation }) => ({
      "number of the paper": nameOf(of),
      "worked out as": corrected?.how ?? how,
      unit: unit === "ratio" ? "" : unit,
      printed: typeof printed === "number" ? String(printed) : printed.join(" to "),
      "comes to": digits(corrected?.value ?? recomputed),
      why: explanation ?? "",
    })),
  );
}

/**
 * danfojs takes half a second to load, so it is loaded with the first frame. For its statistics
 * it needs mathjs, which takes twice as long: that is loaded with the first of them.
 */
function danfo(): typeof import("danfojs-node") {
  const require = createRequire(import.meta.url);
  const mathjs = require.resolve("mathjs");
  if (mathjs in require.cache) return require("danfojs-node");
  const late = new Proxy({}, { get: (_, name) => Reflect.get(require(mathjs) as object, name) });
  require.cache[mathjs] = { id: mathjs, filename: mathjs, loaded: true, exports: late } as NodeJS.Module;
  try {
    return require("danfojs-node");
  } finally {
    delete require.cache[mathjs]; // who else asks for it gets it
  }
}
