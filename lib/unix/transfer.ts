/**
 * Waiting for a disk: start a transfer, sleep, go on when its interrupt has come.
 *
 * Layer: unix (4.3BSD's biowait and physio).
 */
import { spanned, WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import type { BlockDevice, BlockRequest } from "../fs/block-device.ts";
import { UnixError } from "../fs/errno.ts";
import type { Errno } from "../fs/errno.ts";
import { SECTOR_BYTES } from "../hardware/disk/sectors.ts";
import type { OpenObject } from "./open-file.ts";
import type { UserBuffer } from "./user-buffer.ts";

/** Move sectors between `device` and page frames, asleep until it is done. @throws EIO */
export function transfer(sim: Simulation, device: BlockDevice, request: Omit<BlockRequest, "done">): Steps {
  return spanned(sim, request.op === "read" ? "Read from Disk" : "Write to Disk", move(sim, device, request));
}

function* move(sim: Simulation, device: BlockDevice, request: Omit<BlockRequest, "done">): Steps {
  yield* sim.settle();
  const completion = new WaitQueue(sim, `the disk to ${request.op} sector ${request.sector}`);
  let finished = false;
  let failure: Errno | undefined;
  device.strategy({
    done: (error) => {
      finished = true;
      failure = error;
      completion.wakeAll();
    },
    ...request,
  });
  while (!finished) yield* completion.wait();
  if (failure !== undefined) throw new UnixError(failure);
}

/** What a raw device needs of its kernel. */
export interface RawHost {
  sim: Simulation;
  charge(ns: number, what: string): void;
  /** Locking down the user's pages for one piece, in ns. */
  physioNs: number;
  /** The most bytes of one piece. */
  rawTransferBytes: number;
}

/**
 * A raw disk partition: sectors move straight between the disk and the user's pages.
 * A transfer longer than the driver's limit goes in pieces, one after the other:
 * the 4096 bytes of Mach 2.6 explain its flat row in Table 5-6.
 */
export class RawDevice implements OpenObject {
  readonly #host: RawHost;
  readonly #device: BlockDevice;

  constructor(host: RawHost, device: BlockDevice) {
    this.#host = host;
    this.#device = device;
  }

  read(buffer: UserBuffer, offset: number, count: number): Steps<number> {
    return this.#physio("read", buffer, offset, count);
  }

  write(buffer: UserBuffer, offset: number | "end", count: number): Steps<number> {
    return this.#physio("write", buffer, offset === "end" ? this.size() : offset, count);
  }

  size(): number {
    return this.#device.sectors * SECTOR_BYTES;
  }

  *#physio(op: "read" | "write", buffer: UserBuffer, offset: number, count: number): Steps<number> {
    if (offset % SECTOR_BYTES !== 0 || count % SECTOR_BYTES !== 0) throw new UnixError("EINVAL");
    const room = Math.max(0, this.size() - offset);
    if (op === "write" && room === 0 && count > 0) throw new UnixError("ENXIO");
    const bytes = Math.min(count, room);
    buffer.reserve(bytes);
    for (let done = 0; done < bytes; ) {
      const piece = Math.min(bytes - done, this.#host.rawTransferBytes);
      this.#host.charge(this.#host.physioNs, "physio");
      yield* transfer(this.#host.sim, this.#device, {
        op,
        sector: (offset + done) / SECTOR_BYTES,
        sectors: piece / SECTOR_BYTES,
        frames: buffer.frames,
        offset: done,
      });
      done += piece;
    }
    return bytes;
  }

  *fsync(): Steps {}

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  *close(): Steps {}
}
