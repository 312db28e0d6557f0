/**
 * A few milliseconds of a machine: who has the processor, what the disk arm and the
 * controller do, and where the platter stands.
 *
 * Layer: plots; for seeing what section 5 calls missed disk rotations. The angle rises
 * once a revolution; a sector that is moved to memory is a dot at its own angle.
 */
import { InputError } from "../schema/index.ts";
import { Figure } from "./figure.ts";
import { INK, stylesOf, vegaLiteConfig } from "./theme.ts";

/** What the figure needs of a trace. */
export interface TimelineOf {
  readonly beginNs: number;
  readonly endNs: number;
  readonly spans: readonly { readonly name: string; readonly track: { readonly name: string; readonly kind: string }; readonly beginNs: number; readonly endNs: number; readonly value: number }[];
  readonly turns: readonly { readonly track: { readonly name: string }; readonly fromNs: number; readonly toNs: number }[];
  readonly movements: readonly { readonly kind: string; readonly timeNs: number; readonly from: number; readonly to: number }[];
  readonly disk: { readonly revolutionNs: number; readonly sectorsPerTrack: number };
}

export interface TimelineOptions {
  /** From when to when, in ms since the beginning of the trace; by default 60 ms from its middle. */
  fromMs?: number;
  toMs?: number;
  title?: string;
}

const WIDTH_PX = 700;
const ROW_PX = 26;
const ANGLE_PX = 130;
const DEFAULT_MS = 60;
const ROWS = ["processor", "interrupts", "controller", "disk arm"] as const;

/**
 * The machine between two moments of `trace`.
 * @throws InputError for moments outside the trace.
 */
export function timeline(trace: TimelineOf, options: TimelineOptions = {}): Figure {
  const lengthMs = (trace.endNs - trace.beginNs) / 1e6;
  const { fromMs = Math.max(0, lengthMs / 2 - DEFAULT_MS / 2), title = "What the machine does" } = options;
  const { toMs = Math.min(lengthMs, fromMs + DEFAULT_MS) } = options;
  if (!(fromMs >= 0 && fromMs < toMs && toMs <= lengthMs)) throw new InputError(`timeline: from ${fromMs} to ${toMs} ms; the trace is ${lengthMs.toFixed(1)} ms long`);
  const msOf = (ns: number) => (ns - trace.beginNs) / 1e6;
  const visible = ({ from, to }: { from: number; to: number }) => to >= fromMs && from <= toMs;
  const clipped = ({ from, to, ...rest }: { from: number; to: number; row: string; what: string; group: string }) => ({ from: Math.max(from, fromMs), to: Math.min(to, toMs), ...rest });
  const bars = [
    ...trace.turns.map(({ track, fromNs, toNs }) => ({ row: "processor", what: track.name, group: track.name, from: msOf(fromNs), to: msOf(toNs) })),
    ...trace.spans.flatMap(({ name, track, beginNs, endNs, value }) => {
      if (track.kind !== "device" || !(ROWS as readonly string[]).includes(track.name)) return [];
      const what = track.name === "controller" ? `${name}, ${value} sectors` : name;
      return [{ row: track.name, what, group: name, from: msOf(beginNs), to: msOf(endNs) }];
    }),
  ].filter(visible).map(clipped);
  const { revolutionNs, sectorsPerTrack } = trace.disk;
  const revolutionMs = revolutionNs / 1e6;
  const firstMs = trace.beginNs / 1e6;
  const saw = revolutions(fromMs, toMs, firstMs, revolutionMs);
  const sectors = trace.spans
    .filter(({ name, track }) => track.name === "platter" && name !== "")
    .map(({ name, beginNs, endNs, value }) => ({ what: `${name} sector ${value || ""}`.trim(), from: msOf(beginNs), to: msOf(endNs), angle: ((beginNs / revolutionNs) % 1) * 360, angle2: ((beginNs / revolutionNs) % 1) * 360 + 360 / sectorsPerTrack }))
    .filter(visible);
  const moved = trace.movements
    .filter(({ kind }) => kind === "sector in" || kind === "sector out")
    .map(({ timeNs, kind, from, to }) => ({ at: msOf(timeNs), angle: ((timeNs / revolutionNs) % 1) * 360, what: kind === "sector in" ? `sector ${from} into memory` : `sector ${to} out of memory` }))
    .filter(({ at }) => at >= fromMs && at <= toMs);
  const groups = [...new Set(bars.filter(({ row }) => row === "processor").map(({ group }) => group))].sort();
  const styles = stylesOf(groups);
  const x = { type: "quantitative", scale: { domain: [fromMs, toMs], nice: false } };
  const when = "time (ms)";
  const vegaLite = {
    title: { text: title, subtitle: ["above: who works when  ·  below: the platter's angle; blue where a sector passes under the head and is read or written,", "orange where the processor moves one between controller and memory"] },
    vconcat: [
      {
        width: WIDTH_PX,
        height: ROW_PX * ROWS.length,
        encoding: {
          x: { field: "from", ...x, axis: { title: null, labels: false, ticks: false, grid: true } },
          x2: { field: "to" },
          y: { field: "row", type: "nominal", sort: ROWS, scale: { domain: ROWS }, title: null },
          tooltip: [{ field: "what", title: "what" }, { field: "from", title: "from (ms)", format: ".2f" }, { field: "to", title: "to (ms)", format: ".2f" }],
        },
        layer: [
          {
            data: { values: bars.filter(({ row }) => row === "processor") },
            mark: { type: "bar", height: { band: 0.75 } },
            encoding: { color: { field: "group", type: "nominal", title: "on the processor", scale: { domain: groups, range: styles.map(({ colour }) => colour) }, legend: { orient: "bottom", columns: 4, symbolType: "square" } } },
          },
          { data: { values: bars.filter(({ row }) => row !== "processor") }, mark: { type: "bar", height: { band: 0.75 }, color: INK } },
        ],
      },
      {
        width: WIDTH_PX,
        height: ANGLE_PX,
        layer: [
          { data: { values: saw }, mark: { type: "line", color: "#c4c4c4", strokeWidth: 1 }, encoding: { x: { field: "at", ...x, title: when }, y: { field: "angle", type: "quantitative", title: "angle (°)", scale: { domain: [0, 360] }, axis: { values: [0, 90, 180, 270, 360] } }, detail: { field: "turn", type: "nominal" } } },
          { data: { values: sectors }, mark: { type: "rule", color: "#0072B2", strokeWidth: 5 }, encoding: { x: { field: "from", ...x }, x2: { field: "to" }, y: { field: "angle", type: "quantitative" }, y2: { field: "angle2" }, tooltip: [{ field: "what", title: "platter" }, { field: "from", title: "at (ms)", format: ".2f" }] } },
          { data: { values: moved }, mark: { type: "point", shape: "diamond", filled: true, size: 22, color: "#D55E00", opacity: 1 }, encoding: { x: { field: "at", ...x }, y: { field: "angle", type: "quantitative" }, tooltip: [{ field: "what", title: "processor" }, { field: "at", title: "at (ms)", format: ".2f" }] } },
        ],
      },
    ],
    resolve: { scale: { x: "independent" } },
    spacing: 8,
    config: vegaLiteConfig,
  };
  const alt = `${title}, from ${fromMs.toFixed(0)} to ${toMs.toFixed(0)} ms: ${((100 * bars.filter(({ row }) => row === "processor").reduce((sum, { from, to }) => sum + to - from, 0)) / (toMs - fromMs)).toFixed(0)} % of the processor's time in threads, ${sectors.length} sectors passed under the head for it`;
  return new Figure({ alt, vegaLite });
}

/** The angle of the platter, a line for each revolution between two moments. */
function revolutions(fromMs: number, toMs: number, firstMs: number, revolutionMs: number): { at: number; angle: number; turn: number }[] {
  const lines = [];
  const first = Math.floor((firstMs + fromMs) / revolutionMs);
  for (let turn = first; turn * revolutionMs - firstMs < toMs; turn++) {
    const begin = Math.max(turn * revolutionMs - firstMs, fromMs);
    const end = Math.min((turn + 1) * revolutionMs - firstMs, toMs);
    const angle = (at: number) => ((firstMs + at) / revolutionMs - turn) * 360;
    lines.push({ at: begin, angle: angle(begin), turn }, { at: end, angle: angle(end), turn });
  }
  return lines;
}
