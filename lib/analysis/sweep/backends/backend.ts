/** What an engine does: it computes chunks. Layer: analysis. */
import type { Plan } from "../plan.ts";
import type { ChunkRows } from "../points.ts";

/** One run of an engine. */
export interface Work {
  plan: Plan;
  /** What is still to be computed. */
  chunks: readonly number[];
  /** Aborted when no more is wanted: all workers are to stop within a second. */
  signal: AbortSignal;
  /** The workers are up. */
  ready(): void;
  /** So many workers are connected, where they come and go. */
  workers(count: number): void;
  /** So many points of a chunk are done. */
  progress(chunk: number, points: number): void;
  /** The rows of a chunk, in whatever order chunks become done. */
  take(rows: ChunkRows): void;
}

/** Computes all chunks of `work`, or as many as it can until the signal aborts. */
export type Backend = (work: Work) => Promise<void>;
