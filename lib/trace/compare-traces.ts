/**
 * Two traces side by side: two systems, or two ways to build one, on the same program.
 *
 * Layer: trace. Calls are matched by their order, what was done in them by its name.
 * What only one of the two does, or does another number of times, or in another time,
 * is marked.
 */
import type { MoveKind } from "../engine/index.ts";
import { crossingsOf } from "./ledger.ts";
import { pathOf } from "./path.ts";
import { Timeline } from "./timeline.ts";
import type { Operation, Trace } from "./trace.ts";

/** How two sides compare: the same; only on one; as often but in other time; not as often. */
export type Mark = "same" | "only a" | "only b" | "time" | "count";

/** The same thing on both sides; 0 where it does not happen. */
export interface Difference {
  readonly name: string;
  readonly a: Amount;
  readonly b: Amount;
  readonly mark: Mark;
}

export interface Amount {
  readonly count: number;
  /** The time that a call spent in it, or that the processor spent on moving. */
  readonly us: number;
  /** Bytes moved; 0 for spans. */
  readonly bytes: number;
}

/** One call on both sides; undefined where a side made no such call. */
export interface ComparedCall {
  readonly name: string;
  readonly aUs: number | undefined;
  readonly bUs: number | undefined;
  /** Where the time of the call went, by the names of spans. */
  readonly spans: readonly Difference[];
}

export interface TraceComparison {
  readonly calls: readonly ComparedCall[];
  /** All calls together: where their time went. */
  readonly spans: readonly Difference[];
  /** All that moved during the traces, by kind and stations: "copy from file cache to user". */
  readonly movements: readonly (Difference & { readonly kind: MoveKind })[];
  /** What machine and system counted, by name; only what differs. */
  readonly counts: readonly { readonly name: string; readonly a: number | undefined; readonly b: number | undefined }[];
}

/** Times that differ by less are the same: half a tenth of a µs is not shown anywhere. */
const SAME_US = 0.05;

type Amounts = Map<string, { count: number; us: number; bytes: number }>;

/** Set `a` beside `b`. */
export function compareTraces(a: Trace, b: Trace): TraceComparison {
  const [left, right] = [callsOf(a), callsOf(b)];
  const calls = Array.from({ length: Math.max(left.length, right.length) }, (_, i): ComparedCall => {
    const [one, other] = [left[i], right[i]];
    const name = one === undefined || other === undefined || one.name === other.name ? (one ?? other)!.name : `${one.name} / ${other.name}`;
    return { name, aUs: one?.us, bUs: other?.us, spans: differences(one?.spans ?? new Map(), other?.spans ?? new Map()) };
  });
  const kinds = new Map([...crossingsOf(a.movements), ...crossingsOf(b.movements)].map((crossing) => [crossingName(crossing), crossing.kind]));
  const names = [...new Set([...Object.keys(a.counts), ...Object.keys(b.counts)])];
  return {
    calls,
    spans: differences(together(left), together(right)),
    movements: differences(moved(a), moved(b)).map((difference) => ({ ...difference, kind: kinds.get(difference.name)! })),
    counts: names.filter((name) => a.counts[name] !== b.counts[name]).map((name) => ({ name, a: a.counts[name], b: b.counts[name] })),
  };
}

interface Call {
  readonly name: string;
  readonly us: number;
  readonly spans: Amounts;
}

function callsOf(trace: Trace): Call[] {
  const timeline = new Timeline(trace);
  return trace.operations.map(({ name, span }: Operation) => {
    const spans: Amounts = new Map();
    const seen = new Set<object>();
    for (const piece of pathOf(trace, span, timeline)) {
      const innermost = piece.spans.at(-1);
      const fresh = innermost === undefined || piece.kind === "device" || !seen.has(innermost);
      if (innermost !== undefined) seen.add(innermost);
      add(spans, piece.name, { count: fresh ? 1 : 0, us: (piece.toNs - piece.fromNs) / 1000, bytes: 0 });
    }
    return { name, us: (span.endNs - span.beginNs) / 1000, spans };
  });
}

function together(calls: readonly Call[]): Amounts {
  const all: Amounts = new Map();
  for (const { spans } of calls) for (const [name, amount] of spans) add(all, name, amount);
  return all;
}

function moved({ movements }: Trace): Amounts {
  const amounts: Amounts = new Map();
  for (const crossing of crossingsOf(movements)) add(amounts, crossingName(crossing), crossing);
  return amounts;
}

const crossingName = ({ kind, from, to }: { kind: MoveKind; from: string; to: string }): string => `${kind} from ${from} to ${to}`;

function add(amounts: Amounts, name: string, { count, us, bytes }: Amount): void {
  const known = amounts.get(name);
  if (known === undefined) amounts.set(name, { count, us, bytes });
  else {
    known.count += count;
    known.us += us;
    known.bytes += bytes;
  }
}

const NOTHING: Amount = { count: 0, us: 0, bytes: 0 };

function differences(a: Amounts, b: Amounts): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])].map((name) => {
    const [one, other] = [a.get(name), b.get(name)];
    return { name, a: one ?? NOTHING, b: other ?? NOTHING, mark: markOf(one, other) };
  });
}

function markOf(a: Amount | undefined, b: Amount | undefined): Mark {
  if (b === undefined) return "only a";
  if (a === undefined) return "only b";
  if (a.count !== b.count || a.bytes !== b.bytes) return "count";
  return Math.abs(a.us - b.us) < SAME_US ? "same" : "time";
}
