/**
 * npm run audit: where the paper's numbers agree with each other, and where not.
 *
 * Layer: cli; sections 5 and 6. Nothing is simulated here.
 */
import { audit as findings, nameOf, paperCellById } from "../paper/index.ts";
import type { Finding } from "../paper/index.ts";
import { digits } from "../plots/compared.ts";
import { paint, statement, table, wrap } from "./output.ts";
import type { Column } from "./output.ts";

/** Prints the findings as tables, the weightiest first, or as JSON and nothing else. */
export function audit({ json = false }: { json?: boolean }): void {
  const found = findings();
  if (json) console.log(JSON.stringify(found, null, 2));
  else printFindings(found);
}

const columns: Column[] = [
  { heading: "number of the paper", width: 34 },
  { heading: "worked out as", width: 26 },
  { heading: "printed", align: "right" },
  { heading: "recomputed", align: "right" },
];

function printFindings(all: readonly Finding[]): void {
  const explained = new Set<string>();
  const section = (...section: Section) => printSection(explained, ...section);
  const verdict = (wanted: Finding["verdict"]) => all.filter((finding) => finding.verdict === wanted);
  section("Wrong", "The printed numbers do not lead here, however they were rounded.", verdict("differs"), columns, rowOf);
  section(
    "Mended",
    "The authors' arithmetic is right, what they reckoned is not.",
    all.filter(({ corrected }) => corrected !== undefined),
    [...columns, { heading: "should be", align: "right" }],
    (finding) => [...rowOf({ ...finding, how: finding.corrected!.how }), digits(finding.corrected!.value)],
  );
  section("Off by rounding", "Another number comes out, but the rounding of the inputs can explain it.", verdict("rounding"), [...columns, { heading: "possible", align: "right" }], (finding) => [
    ...rowOf(finding),
    span(finding.range),
  ]);
  section(
    "Left open by rounding",
    "What the measurements, as they are printed, leave possible.",
    all.filter(({ leftOpen }) => leftOpen),
    [...columns, { heading: "possible", align: "right" }],
    (finding) => [...rowOf(finding), span(finding.measuredRange)],
  );
  section("True by construction", "The working leads back to the number itself, whatever was measured.", all.filter(({ byConstruction }) => byConstruction), columns, rowOf);
  section(
    "What it rests on",
    "Derived from derived numbers; followed down to what was measured, part of the working cancels out.",
    all.filter(({ cancels, byConstruction }) => cancels.length > 0 && !byConstruction),
    [{ heading: "number of the paper", width: 34 }, { heading: "moves with", width: 62 }],
    ({ of, restsOn }) => [nameOf(of), restsOn.map(nameOf).join("; ")],
  );
  section("Agrees", "Comes out as printed.", verdict("agrees"), columns, rowOf);
  console.log(paint("bold", "Summary"));
  const count = (wanted: Finding["verdict"]) => [wanted, String(verdict(wanted).length)];
  console.log(table([{ heading: "verdict" }, { heading: "findings", align: "right" }], [count("agrees"), count("rounding"), count("differs")]));
}

type Section = [heading: string, meaning: string, found: readonly Finding[], shown: readonly Column[], row: (finding: Finding) => string[]];

/** A heading, what it means, the findings as rows, and what explains those that are not as printed, unless it has been said. */
function printSection(explained: Set<string>, ...[heading, meaning, found, shown, row]: Section): void {
  console.log(paint("bold", `${heading}: ${found.length}`));
  console.log(wrap(meaning, ""));
  console.log(table(shown, found.map(row)));
  for (const { explanation } of found) {
    if (explanation === undefined || explained.has(explanation)) continue;
    explained.add(explanation);
    const places = new Set(found.filter((finding) => finding.explanation === explanation).map(({ of }) => nameOf(of)));
    console.log(wrap(`* ${[...places].join("; ")}: ${explanation}`));
  }
  console.log();
}

function rowOf({ of, how, unit, sense, printed, recomputed }: Finding): string[] {
  return [nameOf(of), how, isCell(of) ? paperCellById(of).printed : statement(sense, printed, unit), digits(recomputed)];
}

const span = ([low, high]: Finding["range"]): string => `${digits(low)}–${digits(high)}`;

const isCell = (id: string): boolean => id.includes("|");
