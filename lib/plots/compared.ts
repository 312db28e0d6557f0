/**
 * What the figures and tables ask of a compared cell, and how they put it into words.
 *
 * Layer: plots. The analysis gives such cells; a what-if may make its own.
 */

/** A value of the paper beside the simulated one. */
export interface Compared {
  row: string;
  column: string;
  unit: string;
  paper: number;
  /** The values that would be printed as the paper's. */
  low: number;
  high: number;
  simulated: number;
  /** (simulated − paper) / paper. */
  relativeError: number;
  evidence: string;
  system?: string;
  machine?: string;
  /** Why the cell is missed, if it is. */
  explanation?: string;
}

/** What the frames need of one line of a comparison's summary; errors as ratios. */
export interface AgreementOf {
  cells: number;
  medianError?: number;
  worstError?: number;
  insideRounding: number;
}

/** What the frames need of a compared claim. */
export interface ComparedStatement {
  says: string;
  how: string;
  unit: string;
  paper: number | readonly number[];
  simulated: number;
  holds: boolean;
  explanation?: string;
}

/** The table of the paper that a figure stands beside. */
export interface TableOfPaper {
  id: string;
  caption: string;
}

/** A relative difference as read: +3 %, −0.4 %, 0 %. */
export function percent(ratio: number): string {
  const hundredths = 100 * ratio;
  const digits = Math.abs(hundredths) < 9.95 ? 1 : 0;
  const text = Number(Math.abs(hundredths).toFixed(digits)).toString();
  const sign = text === "0" ? "" : ratio < 0 ? "−" : "+";
  return `${sign}${text} %`;
}

/** A value to four significant digits, without an exponent. */
export function digits(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : Number(value.toPrecision(4)).toString();
}

/** The cells in words, for those who do not see the figure. */
export function inWords(title: string, cells: readonly Compared[]): string {
  const sentences = cells.map(
    ({ row, column, unit, paper, simulated, relativeError }) =>
      `${row}, ${column}: paper ${digits(paper)} ${unit}, simulated ${digits(simulated)} ${unit} (${percent(relativeError)})`,
  );
  return [title, ...sentences].join("\n");
}
