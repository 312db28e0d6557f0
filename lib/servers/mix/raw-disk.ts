/**
 * The raw disk as the Object Manager reads and writes it, through a buffer of its own.
 *
 * Layer: servers/mix; Table 5-7 is measured here, "from within the OM", with transfers
 * of 4 to 32 KB; a process that opens the raw disk has the bytes copied besides.
 */
import { Lock } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice } from "../../fs/block-device.ts";
import { UnixError } from "../../fs/errno.ts";
import { SECTOR_BYTES } from "../../fs/layout.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { copy, PartOfArea, WiredArea } from "../../kernels/chorus/index.ts";
import type { Area, Nucleus } from "../../kernels/chorus/index.ts";
import { transfer } from "../../unix/transfer.ts";

/** The most bytes of one request: what an AT disk command can move is more. */
export const RAW_BYTES = 32768;

export class RawDisk {
  readonly #nucleus: Nucleus;
  readonly #device: BlockDevice;
  readonly #frames: readonly Frame[];
  readonly #lock: Lock;

  constructor(nucleus: Nucleus, device: BlockDevice) {
    this.#nucleus = nucleus;
    this.#device = device;
    this.#frames = nucleus.machine.memory.allocateRun("raw disk buffer", RAW_BYTES / PAGE_BYTES)!;
    this.#lock = new Lock(nucleus.machine.sim, "the buffer of the raw disk");
  }

  /** Length in bytes. */
  get bytes(): number {
    return this.#device.sectors * SECTOR_BYTES;
  }

  /** Read `bytes` bytes at `offset`, whole sectors, at most RAW_BYTES, into the Object Manager's own buffer. @throws UnixError EIO */
  *read(offset: number, bytes: number): Steps {
    yield* this.#move("read", offset, bytes);
  }

  /** Move `count` bytes between the disk from `offset` on and `area`; how many there were. @throws UnixError EINVAL, ENXIO, EIO */
  *transfer(op: "read" | "write", offset: number, count: number, area: Area): Steps<number> {
    if (offset % SECTOR_BYTES !== 0 || count % SECTOR_BYTES !== 0) throw new UnixError("EINVAL");
    const room = Math.max(0, this.bytes - offset);
    if (op === "write" && room === 0 && count > 0) throw new UnixError("ENXIO");
    const bytes = Math.min(count, room);
    const buffer = new WiredArea(this.#frames);
    const { machine, counters } = this.#nucleus;
    yield* this.#lock.acquire();
    try {
      for (let done = 0; done < bytes; done += RAW_BYTES) {
        const piece = Math.min(bytes - done, RAW_BYTES);
        const part = new PartOfArea(area, done, piece);
        if (op === "write") yield* copy(machine, counters, part, 0, buffer, 0, piece);
        yield* this.#move(op, offset + done, piece);
        if (op === "read") yield* copy(machine, counters, buffer, 0, part, 0, piece);
      }
      return bytes;
    } finally {
      this.#lock.release();
    }
  }

  *#move(op: "read" | "write", offset: number, bytes: number): Steps {
    yield* transfer(this.#nucleus.machine.sim, this.#device, { op, sector: offset / SECTOR_BYTES, sectors: bytes / SECTOR_BYTES, frames: this.#frames, offset: 0 });
  }
}
