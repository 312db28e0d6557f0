/**
 * Kernelized: data movement in operating systems of 1992, simulated.
 *
 * The table of contents, in reading order. Notebooks import all this as "kernelized".
 */

// Engine: simulated time, threads that are generators, queues, chance.
export { DeadlockError, Lock, Mailbox, msToNs, RandomStream, ResourceStatistics, Simulation, Thread, usToNs, WaitQueue } from "./engine/index.ts";
export type { Steps, Wait } from "./engine/index.ts";

// Schema: what a user got wrong, in one line; where a value comes from.
export { InputError } from "./schema/index.ts";
export type { Kind, Provenance } from "./schema/index.ts";

// Hardware: a machine with its processor, memory, cache and disk; the disk alone.
export { Machine } from "./hardware/machine.ts";
export type { MachineSpec } from "./hardware/machine-file.ts";
export { PAGE_BYTES } from "./hardware/memory.ts";
export type { Terminal, TypingOptions } from "./hardware/terminal.ts";
export { replayDisk } from "./hardware/replay.ts";
export type { TraceRow } from "./hardware/replay.ts";
export type { DiskSpec } from "./hardware/disk/spec.ts";

// File system: the image on a disk, read and checked without a system.
export { check as checkImage } from "./fs/check.ts";
export type { Problem } from "./fs/check-survey.ts";
export { UnixError } from "./fs/errno.ts";
export type { Errno } from "./fs/errno.ts";
export type { Image } from "./fs/image.ts";

// Unix: the interface that all systems offer to programs.
export type { Limit, LockFunction, OpenOptions, Program, Resource, Stat, Unix } from "./unix/interface.ts";

// Systems: booting one on a machine.
export { boot, machineNames, machineOf, machineParameters, systemNames, systemParameters } from "./systems/boot.ts";
export type { BootOptions, MachineName, MachineOption, SystemName } from "./systems/boot.ts";
export type { Counts, RunOptions, System } from "./systems/system.ts";

// Workloads: the paper's benchmarks.
export { bcopy, bestIncrement, cachedRead, clients, deviceReads, fileStatus, getpid, INCREMENTS, lseek, nullMachRpc, nullRpc, nullTrap, objectManagerSameBlockRead, objectManagerSequentialRead, packets, pageFaults, pullInLoop, randomWrites, rawRead, readOneByte, sequentialRead, sequentialWrite, switchesPerRead, windowChanges, writeOneByte } from "./workloads/index.ts";
export type { ClientMeasurement, ClientOptions, FileOptions, Measurement, PacketMeasurement, PacketOptions, RawReadOptions, Until, WriterOptions } from "./workloads/index.ts";

// Trace: what happened inside, down to the sector and the byte.
export { mermaid, outline, platterAngle, record, scene, sceneNames, sequence, stationOf, stations, trace } from "./trace/index.ts";
export type { Flow, FlowEnd, Instant, Lane, Movement, Operation, Scene, SceneName, Sequence, SequenceStep, SequenceStepKind, Sleep, Span, Station, Trace, Track, Turn } from "./trace/index.ts";
export { breakdown, breakdownRows, Follower, journey, ledger, pathOf, perPage, perPageOfAll, Timeline } from "./trace/index.ts";
export { beside, chromeTrace, compareTraces } from "./trace/index.ts";
export type { Amount, BesideRow, ChromeEvent, ChromeTrace, ComparedCall, Difference, Mark, TraceComparison } from "./trace/index.ts";
export type { Breakdown, BreakdownRow, Crossing, Entry, Interval, JourneyRow, Ledger, Leg, Origin, PerPage, Piece, PieceKind, Trail, Way } from "./trace/index.ts";
export type { MoveKind, Space } from "./engine/index.ts";

// Paper: its tables and claims as data, and their audit.
export { audit, claim, claims, paperCell, paperCells, paperTable, paperTables } from "./paper/index.ts";
export type { Claim, Finding, PaperCell, PaperTable } from "./paper/index.ts";

// Analysis: the simulation beside the paper, with evidence.
export { compare, compareClaims, experiments, SEEDS } from "./analysis/index.ts";
export type { Agreement, ComparedCell, ComparedClaim, CompareOptions, Comparison, Evidence } from "./analysis/index.ts";
// How sure it is: what was fitted and how, what each assumption weighs, sums of costs, what others published.
export { calibrationRecord, evidenceOfClaim, externalChecks, fittedValues, leftOutCells, pathCosts, plateaus, sensitivityRecord, validationRecord } from "./analysis/index.ts";
export type { CalibrationRecord, ExternalCheck, FittedValue, LeftOutRow, PathCost, PlateauRow, SensitivityRecord, Validation } from "./analysis/index.ts";

// Analysis: what the paper leaves open.
export { breakEven, crossPollination, disadvantage, diskLimit, diskTime, insideRead, insideReadOfAll, load, meanValueAnalysis, redirection, serverModes, showsAt, slack, tunedReads, tuningSteps, whatIfMachine, whatIfMachineNames, verdicts, yourMachine } from "./analysis/index.ts";
export type { ConclusionRow, CrossPollinationRow, Demand, DiskPart, DiskTime, Layout, LoadOptions, LoadRow, MachineChange, NetworkOptions, NetworkState, RatioOptions, RatioRow, ReadPart, RedirectionRow, ServerModeRow, SlackOptions, SlackRow, SystemFigures, TunedRead, TunedReadsOptions, TuningStep, WhatIfMachineName } from "./analysis/index.ts";

// Sweeps: a benchmark at every point of a grid of options.
export { gain, highest, sweep, SweepResult } from "./analysis/index.ts";
export type { Axis, Cell, GainOptions, Grid, PivotOptions, Range, Row, SweepRunOptions, Sample, Shard, SweepOptions, SweepProgress, WorkloadChoice } from "./analysis/index.ts";

// Plots: frames and figures.
export { bandBars, breakdownBars, changes, claimsFrame, comparisonFrame, Figure, findingsFrame, frame, heatmap, lines, missesFrame, sankey, sequenceDiagram, sideBySide, slider, staircase, summaryFrame, surface, throughputChart, timeline, tornado } from "./plots/index.ts";
export type { BandBarsOptions, BreakdownOptions, ChangesOptions, Columns, Compared, FigureOptions, GridOptions, Labels, LinesOptions, PlotlyFigure, Rows, SankeyOptions, SequenceDiagramOptions, SideBySideOptions, SliderOptions, TableOfPaper, TimelineOptions, TornadoOptions } from "./plots/index.ts";

// Notebook: showing a value in the middle of a cell, how far it is, and that its reader wants it to stop.
export { interruption } from "./analysis/index.ts";
export { display } from "./notebook/display.ts";
export type { Shown } from "./notebook/display.ts";
export { progressBar } from "./notebook/progress.ts";
export type { Progress, ProgressBarOptions } from "./notebook/progress.ts";
