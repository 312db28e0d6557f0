/** Setting what a simulated system gave beside what the host gave. */
import { isDeepStrictEqual } from "node:util";
import { isDirectory } from "../../lib/fs/layout.ts";
import type { Image } from "../../lib/fs/image.ts";
import type { Event, Outcome, Trace, Tree } from "./host.ts";

const BLOCK_BYTES = 4096;
const ZEROS = new Uint8Array(BLOCK_BYTES);

/** One call of a trace as a line: its place, process, arguments and outcome on the host. */
export function describeEvent(at: number, { process, call, outcome }: Event): string {
  const { call: name, ...values } = call;
  const shown = Object.values(values).map((value) => JSON.stringify(value));
  return `${at}: process ${process}: ${name}(${shown.join(", ")}) = ${describeOutcome(outcome)}`;
}

/** All calls of a trace, a line each. */
export const describeTrace = ({ events }: Trace): string => events.map((event, at) => describeEvent(at, event)).join("\n");

function describeOutcome(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing, it never ended";
  if ("error" in outcome) return outcome.error;
  const text = JSON.stringify(outcome.value);
  return text.length > 100 ? `${text.slice(0, 60)}... (${text.length} characters)` : text;
}

/** @throws unless a call gave on the system what it gave on the host; `at` is its place in the trace. */
export function assertSame(at: number, event: Event, found: Outcome | undefined): void {
  if (isDeepStrictEqual(found, event.outcome)) return;
  throw new Error(`${describeEvent(at, event)} on the host, but ${describeOutcome(found)} here${firstDifference(found, event.outcome)}`);
}

/** Where two reads of the same length begin to differ. */
function firstDifference(found: Outcome | undefined, host: Outcome): string {
  if (found === undefined || !("value" in found && "value" in host)) return "";
  if (typeof found.value !== "string" || typeof host.value !== "string") return "";
  const [ours, theirs] = [Buffer.from(found.value, "base64"), Buffer.from(host.value, "base64")];
  if (ours.length !== theirs.length) return `: ${theirs.length} bytes there, ${ours.length} here`;
  const at = ours.findIndex((byte, i) => byte !== theirs[i]);
  return `: byte ${at} of ${ours.length} is ${theirs[at]} there, ${ours[at]} here`;
}

/** @throws unless the image holds the same directories and files, byte for byte, as the host's directory. */
export function assertSameTree(image: Image, { tree, directoryLinks }: Trace): void {
  const paths = new Set([...Object.keys(tree), ...image.entries.keys()]);
  for (const path of paths) {
    const host = tree[path];
    const inode = image.entries.get(path)?.inode;
    if (host === undefined) throw new Error(`the disk has ${path}, the host has not`);
    if (inode === undefined) throw new Error(`the host has ${path}, the disk has not`);
    const kind = isDirectory(inode) ? "directory" : "file";
    if (kind !== host.kind) throw new Error(`${path} is a ${kind} on the disk, a ${host.kind} on the host`);
    if (inode.links !== host.links && (host.kind === "file" || directoryLinks)) throw new Error(`${path} has ${inode.links} links on the disk, ${host.links} on the host`);
    if (host.kind === "file") assertSameFile(path, image.read(path), host);
  }
}

function assertSameFile(path: string, bytes: Uint8Array, host: Tree[string] & { kind: "file" }): void {
  if (bytes.length !== host.size) throw new Error(`${path} has ${bytes.length} bytes on the disk, ${host.size} on the host`);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    const expected = host.blocks[at / BLOCK_BYTES];
    const same = Buffer.compare(block, expected === undefined ? ZEROS.subarray(0, block.length) : Buffer.from(expected, "base64")) === 0;
    if (!same) throw new Error(`${path}: block ${at / BLOCK_BYTES} is not on the disk what it is on the host`);
  }
}
