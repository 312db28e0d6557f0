/**
 * What the owners of page frames mean to data on its way between disk and program.
 *
 * Layer: trace. A frame's owner is named by whoever allocated it; the four systems have
 * their own names for the same stations.
 */

/** The stations of file data: a program's memory, a cache of file data, a server's memory, a message or a device's pages on their way, the rest of the kernel's. */
export const stations = ["disk", "file cache", "server", "in transit", "user", "kernel"] as const;
export type Station = (typeof stations)[number];

const OWNERS: readonly (readonly [owner: RegExp, station: Station])[] = [
  [/^disk$/, "disk"],
  [/^(process|memory of process( .*)?|temporary segment .*|process .*)$/, "user"],
  [/^(buffer cache.*|page cache|memory object .*|segment .*)$/, "file cache"],
  [/^(BSD4.3 server|Inode Pager.*|memory of .*|messages|.* Manager|raw disk buffer)$/, "server"],
  [/^(device read|page list|pipe|message|bounce buffer.*)$/, "in transit"],
];

const known = new Map<string, Station>();

/** The station that the owner `place` of a frame stands for. */
export function stationOf(place: string): Station {
  let station = known.get(place);
  if (station === undefined) known.set(place, (station = OWNERS.find(([owner]) => owner.test(place))?.[1] ?? "kernel"));
  return station;
}

/** The owner `place` of a frame without its number: "buffer cache" for "buffer cache 1". */
export const plainPlace = (place: string): string => place.replace(/ [\d/]+$/, "");
