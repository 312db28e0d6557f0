/**
 * Calibration of a machine: the fitted values of its files, found anew.
 *
 * Layer: analysis; Tables 5-6 and 5-7 above all. Which values may move and which cells
 * they have to meet is in the data (problem.ts), what counts as meeting in objective.ts.
 */
import { median } from "simple-statistics";
import type { MachineName } from "../../systems/boot.ts";
import { tryValues } from "../moves.ts";
import type { Changes, ParameterValue } from "../parameters.ts";
import { Journal } from "./journal.ts";
import { errorOf, MOVES, objective } from "./objective.ts";
import type { Evaluate, Values } from "./objective.ts";
import { CLAIMS, filesOf, moved, problemOf } from "./problem.ts";
import type { Problem, Target } from "./problem.ts";
import { search } from "./search.ts";
import type { Found, SearchOptions } from "./search.ts";

export interface CalibrateOptions extends Partial<SearchOptions> {
  /** Hears of each simulated point. */
  onProgress?: (progress: CalibrationProgress) => void;
  /** Where points are kept that have been simulated; a run that was killed goes on from there. */
  journal: string;
}

export interface CalibrationProgress {
  /** What is being done, and how many points have been simulated in all. */
  stage: string;
  points: number;
  /** The lowest objective so far. */
  best?: number;
}

/** How well a point meets targets; errors from the edge of the paper's rounding, relative to its numbers. */
export interface Fit {
  values: Record<string, ParameterValue>;
  objective: number;
  own: number;
  neighbourhood: number;
  medianError: number;
  worstError: number;
  /** The worst error when all continuous parameters are moved together. */
  moved: { factor: number; worstError: number }[];
}

/** What the targets of one table (or, of a machine's only table, one column) are when they do not take part in the fit. */
export interface LeftOut {
  left: string;
  values: Record<string, ParameterValue>;
  /** Of what was left out: not fitted, so predicted. */
  cells: { id: string; paper: number; simulated: number; error: number }[];
}

/** The record of a calibration: data/calibration/MACHINE.json. */
export interface CalibrationRecord {
  machine: MachineName;
  seed: number;
  samples: number;
  targets: string[];
  bounds: Record<string, readonly ParameterValue[]>;
  /** Each new best: how many points had been simulated, its objective and its values. */
  history: { points: number; objective: number; values: Record<string, ParameterValue> }[];
  result: Fit;
  leftOut: LeftOut[];
  /** Points simulated in all. */
  points: number;
}

/** A record, and how well the values met the targets that the data files had before. */
export interface Calibration {
  record: CalibrationRecord;
  before: Fit;
}

const DEFAULTS: SearchOptions = { seed: 1, samples: 384, candidates: 8, starts: 3 };
/** Without part of the targets it is enough to go on from the best points that are known. */
const REFIT = { candidates: 2, starts: 1 };

/**
 * Calibrate `machine`; nothing is written but the journal.
 * @throws InputError for a machine that does not exist or whose files leave nothing, or too much, to be fitted.
 */
export function calibrate(machine: MachineName, { onProgress = () => {}, journal: path, ...chosen }: CalibrateOptions): Calibration {
  const problem = problemOf(machine);
  const options = { ...DEFAULTS, ...chosen };
  const ids = problem.targets.map(({ id }) => id);
  const journal = new Journal(path, JSON.stringify([machine, ids]), filesOf(problem));
  let stage = "fit";
  let best: number | undefined;
  const asked = new Set<string>(); // not journal.size: a run that goes on from a journal leaves the same record
  const evaluate: Evaluate = (point) => {
    const key = JSON.stringify(point);
    asked.add(key);
    const values = journal.look(key, () => tryValues(ids, point));
    onProgress({ stage, points: asked.size, ...(best !== undefined && { best }) });
    return values;
  };

  const all = problem.targets.map(() => true);
  const history: CalibrationRecord["history"] = [];
  const result = search(problem, evaluate, all, options, ({ point, objective }) => {
    best = objective;
    history.push({ points: asked.size, objective, values: point });
  });
  const leftOut = groupsOf(problem.targets).map(([left, belongs]) => {
    stage = `without ${left}`;
    best = undefined;
    const refit = search(problem, evaluate, problem.targets.map((target) => !belongs(target)), { ...options, ...REFIT }, ({ objective }) => (best = objective));
    return { left, values: refit.point, cells: cellsOf(problem.targets, evaluate(refit.point)!).filter((_, i) => belongs(problem.targets[i]!)) };
  });
  const record: CalibrationRecord = {
    machine,
    seed: options.seed,
    samples: options.samples,
    targets: ids,
    bounds: Object.fromEntries(problem.free.map(({ id, range, choices }) => [id, choices ?? range!])),
    history,
    result: fitOf(problem, evaluate, result),
    leftOut,
    points: asked.size,
  };
  const start = Object.fromEntries(problem.free.map(({ id, value }) => [id, value]));
  return { record, before: fitOf(problem, evaluate, { point: start, ...objective(problem, evaluate, start, all)! }) };
}

function fitOf(problem: Problem, evaluate: Evaluate, { point, ...losses }: Found): Fit {
  const errors = (at: Changes) => problem.targets.map((target, i) => errorOf(target, evaluate(at)![i]!));
  return {
    values: point,
    ...losses,
    medianError: median(errors(point)),
    worstError: Math.max(...errors(point)),
    moved: MOVES.map((factor) => ({ factor, worstError: Math.max(...errors(moved(problem, point, factor))) })),
  };
}

function cellsOf(targets: readonly Target[], values: Values): LeftOut["cells"] {
  return targets.map((target, i) => ({ id: target.id, paper: target.paper, simulated: values[i]!, error: errorOf(target, values[i]!) }));
}

/** The tables among `targets`, or the columns when there is one table alone, and what belongs to each; claims are never left out. */
function groupsOf(targets: readonly Target[]): [string, (target: Target) => boolean][] {
  const cells = targets.filter(({ table }) => table !== CLAIMS);
  const key = new Set(cells.map(({ table }) => table)).size > 1 ? "table" : "column";
  return [...new Set(cells.map((target) => target[key]))].map((name) => [name, (target) => target[key] === name]);
}
