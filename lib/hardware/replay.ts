/**
 * Replays of request traces on the bare mechanics of a disk, to be held against
 * what other simulators and real drives did with the same requests.
 *
 * Layer: hardware. No controller, no buffer, no queue: one request at a time.
 */
import { z } from "zod";
import { check } from "../schema/index.ts";
import { Disk, HOME } from "./disk/disk.ts";
import type { DiskSpec } from "./disk/spec.ts";

const traceRow = z.object({
  /** Time from the completion of the request before to the start of this one. */
  thinkMs: z.number().nonnegative(),
  lbn: z.int().nonnegative(),
  sectors: z.int().min(1),
  op: z.enum(["R", "W"]),
});

export type TraceRow = z.input<typeof traceRow>;

/**
 * Response times in ms of the requests in `trace` on the disk that `spec` describes.
 * The platter stands at angle 0 and the head at cylinder 0, head 0 at time 0.
 * @throws InputError for a bad spec or row; RangeError for a request beyond the end of the disk.
 */
export function replayDisk(spec: DiskSpec, trace: readonly TraceRow[]): number[] {
  const disk = new Disk(spec);
  let nowNs = 0;
  let state = HOME;
  return check(z.array(traceRow), trace, "trace").map((row) => {
    nowNs += row.thinkMs * 1e6;
    const access = disk.access(state, { lbn: row.lbn, sectors: row.sectors, write: row.op === "W" }, nowNs);
    const responseNs = access.seekNs + access.rotationNs + access.transferNs;
    nowNs += responseNs;
    state = access.state;
    return responseNs / 1e6;
  });
}
