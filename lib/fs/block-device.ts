/**
 * Layer 1 of 5: the block device, what the file system asks of a disk.
 *
 * Who owns the disk differs: the kernel's driver in Mach 2.6 and System V, the
 * kernel behind device_read() in Mach 3.0, the Object Manager's own driver in
 * CHORUS/MiX (section 2, "Device Access"). All of them look like this to the file
 * system.
 */
import type { Frame } from "../hardware/memory.ts";
import type { Errno } from "./errno.ts";

/** One transfer between consecutive sectors and page frames. */
export interface BlockRequest {
  op: "read" | "write";
  /** First sector. */
  sector: number;
  /** How many sectors. */
  sectors: number;
  /** The page frames that hold the data, in order. */
  frames: readonly Frame[];
  /** Where the first sector lies in the frames taken together, in bytes; a multiple of 512. */
  offset: number;
  /** Called from the completion interrupt: it may wake threads, never wait. */
  done: (error?: Errno) => void;
}

export interface BlockDevice {
  /** Capacity. */
  sectors: number;
  /** Queue `request` and return at once. */
  strategy(request: BlockRequest): void;
}

/** A disk's bytes without its time: what mkfs, the checker and the image reader work on. */
export interface SectorStore {
  sectors: number;
  /** The bytes of `sectors` sectors from `sector` on, to be read only. */
  readRange(sector: number, sectors: number): Uint8Array;
  /** Put `bytes`, whole sectors, on the disk from `sector` on. */
  writeRange(sector: number, bytes: Uint8Array): void;
}
