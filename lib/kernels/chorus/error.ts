/**
 * The ways in which nucleus calls fail.
 *
 * Layer: kernels/chorus. A NucleusError is the nucleus's own refusal; a
 * MapperError carries the number that a mapper answered with, whose meaning only
 * the subsystem above knows (in MiX: an errno).
 */

export type NucleusErrorCode =
  | "unknownPort" // no port or group of that name lives anywhere
  | "notOwner" // the port belongs to another actor
  | "portMoved" // the port migrated or was deleted while the thread waited
  | "notSupervisor" // only actors in supervisor space may do this
  | "timeout"
  | "badAddress" // no region there, or one without that access
  | "noSegment"; // pages that must be pushed out, and no mapper to take them

export class NucleusError extends Error {
  override readonly name = "NucleusError";
  readonly code: NucleusErrorCode;

  constructor(code: NucleusErrorCode, what: string) {
    super(`${code}: ${what}`);
    this.code = code;
  }
}

export class MapperError extends Error {
  override readonly name = "MapperError";
  /** What the mapper answered: not 0. */
  readonly status: number;

  constructor(status: number) {
    super(`the mapper answered with error ${status}`);
    this.status = status;
  }
}
