/**
 * A trace in the Trace Event Format, which Perfetto (ui.perfetto.dev) and Chrome show.
 *
 * Layer: trace. Threads are one process of the format, the machine's parts another. Spans
 * become complete events, instants and movements instant ones, flows arrows. Times are in
 * µs since the trace's beginning.
 */
import type { FlowEnd, Span, Trace, Track } from "./trace.ts";

/** An event of the format; see "Trace Event Format" for what the letters are. */
export interface ChromeEvent {
  readonly name: string;
  readonly cat: string;
  /** X: complete, with a duration; i: instant; s and f: where a flow begins and ends; M: a name. */
  readonly ph: "X" | "i" | "s" | "f" | "M";
  readonly pid: number;
  readonly tid: number;
  /** In µs. */
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  /** Of an instant: it belongs to its thread. */
  readonly s?: "t";
  /** Of the end of a flow: it goes to the span around it. */
  readonly bp?: "e";
  readonly args?: Readonly<Record<string, string | number>>;
}

export interface ChromeTrace {
  readonly traceEvents: readonly ChromeEvent[];
  readonly displayTimeUnit: "ns";
  readonly otherData: Readonly<Record<string, string>>;
}

const THREADS = 1;
const MACHINE = 2;

/** `trace` as an object to be written with JSON.stringify into a file that Perfetto opens. */
export function chromeTrace(trace: Trace): ChromeTrace {
  const tids = new Map(trace.tracks.map((track, i) => [track, i + 1]));
  const at = (track: Track) => ({ pid: track.kind === "thread" ? THREADS : MACHINE, tid: tids.get(track)! });
  const us = (ns: number) => (ns - trace.beginNs) / 1000;
  const named = (name: string, pid: number, tid: number, what: string): ChromeEvent => ({ name, cat: "__metadata", ph: "M", pid, tid, ts: 0, args: { name: what } });
  const span = ({ name, track, space, beginNs, endNs, value }: Span): ChromeEvent => ({
    name, cat: space?.name ?? "machine", ph: "X", ...at(track), ts: us(beginNs), dur: (endNs - beginNs) / 1000,
    ...((space !== undefined || value !== 0) && { args: { ...(space && { space: space.name, mode: space.mode }), ...(value !== 0 && { value }) } }),
  });
  const flowEnd = (name: string, id: number, ph: "s" | "f", { track, timeNs }: FlowEnd): ChromeEvent[] =>
    track === undefined ? [] : [{ name, cat: "flow", ph, id, ...at(track), ts: us(timeNs), ...(ph === "f" && { bp: "e" as const }) }];
  const events: ChromeEvent[] = [
    ...trace.spans.map(span),
    ...trace.instants.flatMap(({ name, track, timeNs }): ChromeEvent[] => (track === undefined ? [] : [{ name, cat: "instant", ph: "i", s: "t", ...at(track), ts: us(timeNs) }])),
    ...trace.movements.flatMap(({ kind, track, timeNs, bytes, from, to, fromPlace, toPlace }): ChromeEvent[] =>
      track === undefined ? [] : [{ name: kind, cat: "movement", ph: "i", s: "t", ...at(track), ts: us(timeNs), args: { bytes, from, to, fromPlace, toPlace } }],
    ),
    ...trace.flows.flatMap(({ name, from, to }, id) => (to === undefined ? [] : [...flowEnd(name, id, "s", from), ...flowEnd(name, id, "f", to)])),
  ];
  return {
    traceEvents: [
      named("process_name", THREADS, 0, `threads of ${trace.system}`), named("process_name", MACHINE, 0, "machine"),
      ...trace.tracks.map((track) => named("thread_name", at(track).pid, at(track).tid, track.name)),
      ...events.sort((a, b) => a.ts - b.ts),
    ],
    displayTimeUnit: "ns",
    otherData: { system: trace.system, "time unit": "simulated" },
  };
}
