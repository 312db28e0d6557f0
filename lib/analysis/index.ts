/** The comparison of the simulation with the paper. */
export { compare, insideRounding } from "./compare.ts";
export type { Agreement, ComparedCell, CompareOptions, Comparison } from "./compare.ts";
export { compareClaims } from "./claims.ts";
export type { ComparedClaim } from "./claims.ts";
export { evidenceOf, evidences } from "./evidence.ts";
export type { Evidence } from "./evidence.ts";
export { claimExperiments, experiments, SEEDS } from "./experiments.ts";
export type { Benchmark, ClaimExperiment, Experiment } from "./experiments.ts";
export { MISS, misses } from "./misses.ts";
export type { Scope, ScopeOptions } from "./samples.ts";
export { platterMsPerBlock } from "./platter.ts";
export type { Reader } from "./platter.ts";
export { slack } from "./slack.ts";
export type { SlackOptions, SlackRow } from "./slack.ts";
export { disadvantage, load, showsAt } from "./load.ts";
export type { Demand, LoadOptions, LoadRow, RatioOptions, RatioRow } from "./load.ts";
export { meanValueAnalysis } from "./mean-value-analysis.ts";
export type { NetworkOptions, NetworkState } from "./mean-value-analysis.ts";
