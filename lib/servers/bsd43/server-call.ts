/**
 * What an Emulation Library and the server say to each other: the in-line data of their messages (section 3.1.1).
 *
 * Layer: servers/bsd43. What a message says of itself need not be true, see thread-pool.ts.
 */
import type { Errno } from "../../fs/errno.ts";
import type { OpenedDisk } from "./raw-disk.ts";

/** The operation of the message that asks for a call, and that of the answer. */
export const UNIX_CALL = "unix_call";
export const UNIX_CALL_REPLY = "unix_call_reply";

/** Which call with what; whose it is the server knows by the port. */
export interface ServerCall {
  name: string;
  args: readonly unknown[];
}

/** The answer. */
export interface ServerAnswer {
  result: unknown;
  errno: Errno | undefined;
}

/** What the server answers to open(). */
export interface Opened {
  fd: number;
  /** A mapped file. */
  mapped: MappedMode | undefined;
  /** A raw disk. */
  raw: OpenedDisk | undefined;
}

/** What may be done with an open mapped file. */
export interface MappedMode {
  readable: boolean;
  writable: boolean;
  append: boolean;
}
