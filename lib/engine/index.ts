/** The discrete-event engine: time, threads, queues, chance and what is counted. */
export { BLOCK, msToNs, usToNs } from "./steps.ts";
export type { Steps, Wait } from "./steps.ts";
export { DeadlockError, Simulation, Timer } from "./simulation.ts";
export { NORMAL_PRIORITY, Thread } from "./thread.ts";
export type { Executor, ThreadOptions } from "./thread.ts";
export { moveKinds, NOWHERE, spanned } from "./probe.ts";
export type { MoveKind, Place, Probe, Space } from "./probe.ts";
export { Lock, Mailbox, WaitQueue } from "./wait-queue.ts";
export { RandomStream } from "./random.ts";
export { ResourceStatistics } from "./statistics.ts";
export type { Occurrence } from "./event-queue.ts";
export { SteadyState } from "./steady-state.ts";
export type { Precision, SteadyMean } from "./steady-state.ts";
export { studentT } from "./student-t.ts";
