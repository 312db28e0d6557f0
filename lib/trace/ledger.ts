/**
 * The ledger: who moved which bytes from where to where, and what it cost.
 *
 * Layer: trace; the paper's subject. Every entry stands for bytes that crossed from one
 * station to another: the disk, a cache of file data, a server, a message, the user's
 * memory. A page that is handed over or mapped crosses without a byte being moved.
 */
import type { MoveKind } from "../engine/index.ts";
import type { Counts } from "../systems/system.ts";
import { Follower } from "./follow.ts";
import type { Origin } from "./follow.ts";
import { stationOf } from "./places.ts";
import type { Station } from "./places.ts";
import type { Movement, Operation, Trace } from "./trace.ts";

/** What crossed between two stations in one way. */
export interface Crossing {
  readonly kind: MoveKind;
  readonly from: Station | "nowhere";
  readonly to: Station | "nowhere";
  /** How often, how many bytes, and the processor's time that it took. */
  count: number;
  bytes: number;
  us: number;
}

/** A part of the way of the bytes of one call. */
export interface Leg {
  readonly kind: MoveKind;
  /** Whose memory it was and became; "disk" on the disk. */
  readonly from: string;
  readonly to: string;
  readonly timeNs: number;
  /** How many movements make it up (eight sectors are a page), their bytes, and the processor's time that they took. */
  count: number;
  bytes: number;
  us: number;
}

/** What one call moved, and how. */
export interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly elapsedUs: number;
  /** The ways of its bytes: those that went the same way together, in the order of their first byte. */
  readonly ways: readonly Way[];
  /** What machine and system counted from the call's beginning to its end. */
  readonly counts: Counts;
}

/** Bytes of a call that went the same way. */
export interface Way {
  readonly bytes: number;
  readonly origin: Origin;
  /** The sectors on the disk, if it begins or ends there. */
  readonly sectors: readonly number[];
  readonly legs: readonly Leg[];
}

export interface Ledger {
  /** The calls that moved bytes, in the order in which they began. */
  readonly entries: readonly Entry[];
  /** Everything that moved during the trace, by the stations that it went between. */
  readonly crossings: readonly Crossing[];
  /** What machine and system counted during the trace. */
  readonly counts: Counts;
}

/** Account for everything that moved in `trace`. */
export function ledger(trace: Trace): Ledger {
  const follower = new Follower(trace);
  return {
    entries: trace.operations.filter(({ bytes }) => bytes > 0).map((operation) => entryOf(follower, operation)),
    crossings: crossingsOf(trace.movements),
    counts: trace.counts,
  };
}

/** Which stations the bytes of `movements` went between, in the order in which that first happened. */
export function crossingsOf(movements: readonly Movement[]): Crossing[] {
  const crossings = new Map<string, Crossing>();
  for (const { kind, fromPlace, toPlace, bytes, ns } of movements) {
    const [from, to] = [station(fromPlace), station(toPlace)];
    const key = `${kind} ${from} ${to}`;
    let crossing = crossings.get(key);
    if (crossing === undefined) crossings.set(key, (crossing = { kind, from, to, count: 0, bytes: 0, us: 0 }));
    crossing.count++;
    crossing.bytes += bytes;
    crossing.us += ns / 1000;
  }
  return [...crossings.values()];
}

const station = (place: string): Station | "nowhere" => (place === "" ? "nowhere" : stationOf(place));

function entryOf(follower: Follower, operation: Operation): Entry {
  const ways = new Map<string, { bytes: number; origin: Origin; sectors: Set<number>; legs: Map<string, Leg> }>();
  for (const { bytes, origin, sector, movements } of follower.follow(operation)) {
    const names = movements.map(legName);
    const key = [origin, ...names].join("\n");
    let way = ways.get(key);
    if (way === undefined) ways.set(key, (way = { bytes: 0, origin, sectors: new Set(), legs: new Map<string, Leg>() }));
    way.bytes += bytes;
    if (sector !== undefined) way.sectors.add(sector);
    movements.forEach((movement, i) => {
      const { kind, fromPlace, toPlace, timeNs, ns } = movement;
      const legKey = `${i} ${names[i]}`;
      let leg = way.legs.get(legKey);
      if (leg === undefined) way.legs.set(legKey, (leg = { kind, from: fromPlace, to: toPlace, timeNs, count: 0, bytes: 0, us: 0 }));
      leg.bytes += bytes;
      leg.us += (ns * bytes) / movement.bytes / 1000; // its share of the movement
      leg.count = Math.max(1, Math.round(leg.bytes / movement.bytes));
    });
  }
  const { name, bytes, span, counts } = operation;
  return {
    name, bytes, elapsedUs: (span.endNs - span.beginNs) / 1000, counts,
    ways: [...ways.values()].map((way) => ({ ...way, sectors: [...way.sectors], legs: [...way.legs.values()] })),
  };
}

const legName = ({ kind, fromPlace, toPlace }: Movement): string => `${kind} ${fromPlace} ${toPlace}`;
