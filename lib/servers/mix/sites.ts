/**
 * MiX on several sites: machines on one wire, files on the first of them.
 *
 * Layer: servers/mix; sections 3.2 and 3.2.2. Each site has its own nucleus, Process
 * Manager and Streams Manager. The Process Managers of the others send their file
 * requests to the first site's Object Manager, whose port their messages find; pages
 * are cached where they are used, and capabilities mean the same everywhere. NFS, the
 * other way to remote files that the paper names, is not modelled.
 */
import { msToNs } from "../../engine/index.ts";
import type { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { Wire } from "../../kernels/chorus/index.ts";
import type { Parcel } from "../../kernels/chorus/index.ts";
import { Mix } from "./mix.ts";
import type { MixValues } from "./shape.ts";

/** MiX on each of `machines`, which share a simulation. */
export function mixSites(machines: readonly [Machine, ...Machine[]], values: MixValues): Mix[] {
  const { wirePageUs, latencyUs, packetBytes, headerBytes, findTimeoutMs } = values.network;
  const wire = new Wire<Parcel>(machines[0].sim, {
    nsPer32Bytes: (wirePageUs * 1000) / (PAGE_BYTES / 32),
    latencyNs: latencyUs * 1000,
    packetBytes,
    headerBytes,
  });
  const sites: Mix[] = [];
  for (const [index, machine] of machines.entries()) {
    sites.push(new Mix(machine, values, { site: index + 1, wire, findTimeoutNs: msToNs(findTimeoutMs) }, sites[0]));
  }
  return sites;
}
