/**
 * What a system call set going, among all that happened meanwhile.
 *
 * Layer: trace. A call leads from its thread to others by the messages and requests that
 * arrive there and by the threads that it wakes; from then on these work for the call,
 * until something reaches them that does not come of it. A device works for a request
 * from the moment it is made.
 */
import type { Span, Trace, Track } from "./trace.ts";

/** Whether what happens on a track at a time comes of the call. */
export type Caused = (track: Track, timeNs: number) => boolean;

/** What comes of the call whose span is `span`. */
export function caused({ flows, sleeps }: Pick<Trace, "flows" | "sleeps">, span: Span): Caused {
  const turns = new Map<Track, { sinceNs: number; works: boolean }[]>();
  const works: Caused = (track, timeNs) => {
    if (timeNs < span.beginNs || timeNs > span.endNs) return false;
    return track === span.track || (turns.get(track)?.findLast(({ sinceNs }) => sinceNs <= timeNs)?.works ?? false);
  };
  const causes = [
    ...flows.flatMap(({ from, to }) => (to?.track === undefined ? [] : [{ atNs: to.track.kind === "device" ? from.timeNs : to.timeNs, track: to.track, by: from.track, byNs: from.timeNs, message: true }])),
    ...sleeps.map(({ track, toNs, by }) => ({ atNs: toNs, track, by, byNs: toNs, message: false })),
  ];
  causes.sort((a, b) => a.atNs - b.atNs);
  for (const { atNs, track, by, byNs, message } of causes) {
    if (atNs < span.beginNs || atNs > span.endNs || track === span.track) continue;
    const comesOfIt = by !== undefined && works(by, byNs);
    if (!comesOfIt && !message) continue; // somebody let go of a lock, say
    const known = turns.get(track);
    if (known === undefined) turns.set(track, [{ sinceNs: atNs, works: comesOfIt }]);
    else known.push({ sinceNs: atNs, works: comesOfIt });
  }
  return works;
}
