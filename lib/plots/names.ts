/**
 * Names of columns as people read them: the unit, which the name ends in, goes into brackets.
 * Layer: plots.
 */

/** How names end that hold a quantity, longest first, and how the unit is written. */
const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ["KBPerSec", "KB/s"],
  ["MBPerSec", "MB/s"],
  ["PerSec", "1/s"],
  ["Percent", "%"],
  ["Bytes", "bytes"],
  ["Mhz", "MHz"],
  ["KB", "KB"],
  ["MB", "MB"],
  ["Ns", "ns"],
  ["Us", "µs"],
  ["Ms", "ms"],
];

/** Names of the benchmarks' results, which have no word before their unit. */
const RESULTS: Readonly<Record<string, string>> = {
  kbPerSec: "throughput (KB/s)",
  mbPerSec: "throughput (MB/s)",
  us: "time (µs)",
  ms: "time (ms)",
  usPerOperation: "time of a call (µs)",
  msPerPage: "time of a page (ms)",
  rpm: "revolutions a minute",
};

/**
 * `name` as a heading: `pageFaultUs` becomes "page fault (µs)", of a path such as
 * `pager.readAhead` the last part "read ahead". What is written as a heading already stays.
 */
export function headingOf(name: string): string {
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(name)) return name;
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (last in RESULTS) return RESULTS[last];
  const [ending, unit] = UNITS.find(([one]) => last.endsWith(one) && last.length > one.length) ?? ["", undefined];
  const words = last.slice(0, last.length - ending.length).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return unit === undefined ? words : `${words} (${unit})`;
}

/** The unit at the end of a heading, with a space before it; "" when there is none. */
export function unitOf(heading: string): string {
  const unit = /\(([^()]+)\)$/.exec(heading)?.[1];
  return unit === undefined ? "" : ` ${unit}`;
}

/** A number as text under a heading, in words: "8" under "read (KB)" is "read 8 KB". Other words stay as they are. */
export function withUnit(heading: string, text: string): string {
  return Number.isNaN(Number(text)) ? text : `${heading.replace(/ \([^()]+\)$/, "")} ${text}${unitOf(heading)}`;
}

/** Whether all these numbers of bytes are best told in KB. */
export function inKB(bytes: readonly number[]): boolean {
  return bytes.length > 0 && bytes.every((value) => value % 1024 === 0);
}
