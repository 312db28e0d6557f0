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
import { Machine } from "../../hardware/machine.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { Wire } from "../../kernels/chorus/index.ts";
import type { Parcel } from "../../kernels/chorus/index.ts";
import { Mix } from "./mix.ts";
import type { MixValues } from "./shape.ts";

/** MiX on as many sites as its values say: the first on `machine`, the others on machines like it. */
export function mixSites(machine: Machine, values: MixValues): Mix {
  const { wirePageUs, latencyUs, packetBytes, headerBytes, findTimeoutMs } = values.network;
  const wire = new Wire<Parcel>(machine.sim, {
    nsPer32Bytes: (wirePageUs * 1000) / (PAGE_BYTES / 32),
    latencyNs: latencyUs * 1000,
    packetBytes,
    headerBytes,
  });
  const sites: Mix[] = [];
  while (sites.length < values.structure.sites) {
    const own = sites.length === 0 ? machine : new Machine(machine.sim, machine.spec);
    sites.push(new Mix(own, values, { site: sites.length + 1, wire, findTimeoutNs: msToNs(findTimeoutMs) }, sites));
  }
  return sites[0]!;
}
