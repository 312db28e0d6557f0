/** Figures and tables: what a reader of a notebook sees. */
export { Figure } from "./figure.ts";
export type { FigureOptions, PlotlyFigure } from "./figure.ts";
export { throughputChart } from "./throughput-chart.ts";
export { staircase } from "./staircase.ts";
export { claimsFrame, comparisonFrame, frame, missesFrame, summaryFrame } from "./frame.ts";
export { colourOf } from "./theme.ts";
export type { Compared, TableOfPaper } from "./compared.ts";
