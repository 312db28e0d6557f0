/**
 * Columns of numbers that grow as they are filled: what a recording is kept in.
 *
 * Layer: trace. An event is a row; each column is a typed array, so that a row takes
 * the bytes of its numbers and no object. Columns grow by half when they are full.
 */

const INITIAL = 64;

type Numbers = Float64Array | Int32Array | Uint8Array;

/** The columns of one kind of rows; the number of those in use is `length`. */
export abstract class Columns {
  length = 0;
  #capacity = INITIAL;

  /** The columns, so that they can be made longer. */
  protected abstract replace(grow: <N extends Numbers>(column: N) => N): void;

  /** Make room for one row more; its place. */
  protected next(): number {
    if (this.length === this.#capacity) {
      this.#capacity = Math.ceil(1.5 * this.#capacity);
      this.replace((column) => {
        const longer = new (column.constructor as new (length: number) => typeof column)(this.#capacity);
        longer.set(column);
        return longer;
      });
    }
    return this.length++;
  }

  /** Bytes that the columns take, those not yet in use included. */
  get bytes(): number {
    let total = 0;
    this.replace((column) => {
      total += column.byteLength;
      return column;
    });
    return total;
  }
}

/** What happened; see EVENTS for what the two numbers are. */
export class Events extends Columns {
  kind = new Uint8Array(INITIAL);
  track = new Int32Array(INITIAL);
  timeNs = new Float64Array(INITIAL);
  name = new Int32Array(INITIAL);
  space = new Int32Array(INITIAL);
  first = new Float64Array(INITIAL);
  second = new Float64Array(INITIAL);

  add(kind: number, track: number, timeNs: number, name: number, space: number, first: number, second: number): void {
    const row = this.next();
    this.kind[row] = kind;
    this.track[row] = track;
    this.timeNs[row] = timeNs;
    this.name[row] = name;
    this.space[row] = space;
    this.first[row] = first;
    this.second[row] = second;
  }

  protected replace(grow: <N extends Numbers>(column: N) => N): void {
    this.kind = grow(this.kind);
    this.track = grow(this.track);
    this.timeNs = grow(this.timeNs);
    this.name = grow(this.name);
    this.space = grow(this.space);
    this.first = grow(this.first);
    this.second = grow(this.second);
  }
}

/** What moved: kinds are those of the engine's moveKinds, places are names. */
export class Moves extends Columns {
  kind = new Uint8Array(INITIAL);
  /** How many events had been recorded before. */
  event = new Int32Array(INITIAL);
  track = new Int32Array(INITIAL);
  timeNs = new Float64Array(INITIAL);
  from = new Float64Array(INITIAL);
  to = new Float64Array(INITIAL);
  byteCount = new Int32Array(INITIAL);
  ns = new Float64Array(INITIAL);
  fromPlace = new Int32Array(INITIAL);
  toPlace = new Int32Array(INITIAL);
  /** What whoever moved them owed. */
  owedNs = new Float64Array(INITIAL);

  add(kind: number, event: number, track: number, timeNs: number, from: number, to: number, bytes: number, ns: number, fromPlace: number, toPlace: number, owedNs: number): void {
    const row = this.next();
    this.kind[row] = kind;
    this.event[row] = event;
    this.track[row] = track;
    this.timeNs[row] = timeNs;
    this.from[row] = from;
    this.to[row] = to;
    this.byteCount[row] = bytes;
    this.ns[row] = ns;
    this.fromPlace[row] = fromPlace;
    this.toPlace[row] = toPlace;
    this.owedNs[row] = owedNs;
  }

  protected replace(grow: <N extends Numbers>(column: N) => N): void {
    this.kind = grow(this.kind);
    this.event = grow(this.event);
    this.track = grow(this.track);
    this.timeNs = grow(this.timeNs);
    this.from = grow(this.from);
    this.to = grow(this.to);
    this.byteCount = grow(this.byteCount);
    this.ns = grow(this.ns);
    this.fromPlace = grow(this.fromPlace);
    this.toPlace = grow(this.toPlace);
    this.owedNs = grow(this.owedNs);
  }
}
