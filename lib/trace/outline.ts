/**
 * A trace as text: what happened, in the order in which it happened.
 *
 * Layer: trace. One line a span, movement, message or request, with the time since the
 * beginning and, of spans of threads, what they took themselves. Interrupts with nothing
 * between them share a line, as do the sectors of a command.
 */
import type { Flow, FlowEnd, Movement, Span, Trace } from "./trace.ts";

interface Line {
  readonly timeNs: number;
  readonly order: number;
  readonly track: string;
  /** What it took, in µs, if that is known. */
  readonly selfNs: number | undefined;
  readonly depth: number;
  readonly text: string;
  readonly span: Span | undefined;
  /** Lines with the same `group` one after the other share a line. */
  readonly group?: string;
}

/** Column widths. */
const TIME = 10;
const SELF = 9;
const TRACK = 22;

/**
 * A trace, or what happened from the beginning to the end of `span`, as lines of text: microseconds since its
 * beginning, the thread or device, the microseconds of a span itself, its name indented as spans nest.
 */
export function outline(trace: Pick<Trace, "spans" | "movements" | "flows" | "beginNs" | "endNs">, span?: Span): string {
  const fromNs = span?.beginNs ?? trace.beginNs;
  const toNs = span?.endNs ?? trace.endNs;
  const within = (line: Line) => span === undefined || (line.track === span.track.name ? inside(line.span, span) : line.timeNs >= fromNs && line.timeNs < toNs);
  const lines = [...trace.spans.flatMap(spanLines), ...trace.movements.flatMap(movementLines), ...trace.flows.flatMap(flowLines)];
  lines.sort((a, b) => a.timeNs - b.timeNs || a.order - b.order);
  let last = "";
  return grouped(lines.filter(within)).map((line) => {
    const track = line.track === last ? "" : line.track;
    last = line.track;
    const ends = line.span !== undefined && line.span.endNs <= toNs; // else it goes on with something else
    const self = line.selfNs === undefined || !ends ? "" : us(line.selfNs);
    return `${us(line.timeNs - fromNs).padStart(TIME)}  ${track.padEnd(TRACK)}${self.padStart(SELF)}  ${"  ".repeat(line.depth)}${line.text}`.trimEnd();
  }).join("\n");
}

const us = (ns: number): string => (ns / 1000).toFixed(1);
const bytes = (count: number): string => (count === 1 ? "1 byte" : `${count} bytes`);
const inside = (one: Span | undefined, outer: Span): boolean => one === outer || (one !== undefined && inside(one.parent, outer));
const depthOf = (span: Span | undefined): number => (span === undefined ? 0 : 1 + depthOf(span.parent));

function spanLines(span: Span): Line[] {
  const { name, track, beginNs, order, selfNs, value, parent, space } = span;
  const line = { timeNs: beginNs, order, track: track.name, selfNs: undefined, depth: 0, span };
  if (track.name === "platter") return []; // the movements tell of the sectors
  if (track.name === "interrupts") return [{ ...line, text: name, group: "interrupt" }];
  const crossed = space !== undefined && space.name !== parent?.space?.name ? ` in ${space.name}` : "";
  const amount = track.name === "controller" ? ` of ${value} sectors, ${us(span.endNs - beginNs)}` : track.kind === "device" ? ` over ${value} cylinders, ${us(selfNs)}` : "";
  return [{ ...line, selfNs: track.kind === "thread" ? selfNs : undefined, depth: depthOf(parent), text: name + crossed + amount }];
}

function movementLines({ kind, timeNs, order, track, span, bytes: count, fromPlace, toPlace }: Movement): Line[] {
  const line = { timeNs, order, track: track?.name ?? "", selfNs: undefined, depth: depthOf(span), span };
  const to = (what: string) => [{ ...line, text: `${what} ${bytes(count)} from ${fromPlace} to ${toPlace}` }];
  switch (kind) {
    case "sector in":
      return [{ ...line, depth: 0, text: `sector in to ${toPlace}`, group: "interrupt" }];
    case "sector out":
      return [{ ...line, depth: 0, text: `sector out from ${fromPlace}`, group: "interrupt" }];
    case "zero":
      return [{ ...line, text: `zeros: ${bytes(count)} of ${toPlace}` }];
    case "message":
      return [{ ...line, text: `message: ${bytes(count)}` }];
    case "map":
      return [{ ...line, text: `map a page of ${fromPlace} in ${toPlace}` }];
    case "store":
    case "load":
      return []; // the program's own affair
    case "copy":
      return to("copy");
    case "page":
      return to("hand over");
  }
}

function flowLines({ name, from, to }: Flow): Line[] {
  const line = (end: FlowEnd, text: string): Line => ({ timeNs: end.timeNs, order: end.order, track: end.track?.name ?? "", selfNs: undefined, depth: depthOf(end.span), text, span: end.span });
  return [line(from, `-> ${name}`), ...(to === undefined ? [] : [line(to, `<- ${name}`)])];
}

/** Lines of one group that have nothing between them become one: how often each thing happened, and until when. */
function grouped(lines: readonly Line[]): Line[] {
  const result: Line[] = [];
  let counts = new Map<string, number>();
  for (const line of lines) {
    const last = result.at(-1);
    if (line.group === undefined || last?.group !== line.group) {
      counts = new Map([[line.text, 1]]);
      result.push(line);
      continue;
    }
    counts.set(line.text, (counts.get(line.text) ?? 0) + 1);
    const text = [...counts].map(([what, count]) => (count === 1 ? what : `${what} x ${count}`)).join(", ");
    result[result.length - 1] = { ...last, text };
  }
  return result;
}
