/**
 * The bytes on the platter.
 *
 * Layer: hardware. Sparse: room is made for the stretches of the disk that were
 * written, the rest reads as zeros, or as an image that lies under it and is shared
 * with other disks. The controller goes through it sector by sector, tools that make
 * and check disk images go through it directly.
 */
import { checkSectors, SECTOR_BYTES } from "./sectors.ts";

const CHUNK_SECTORS = 16;
const CHUNK_BYTES = CHUNK_SECTORS * SECTOR_BYTES;
const BLANK = new Uint8Array(CHUNK_BYTES);

export class SectorStore {
  /** How many sectors there are. */
  readonly sectors: number;
  readonly #chunks = new Map<number, Uint8Array>();
  #under: SectorStore | undefined = undefined;

  constructor(sectors: number) {
    this.sectors = sectors;
  }

  /** The bytes of `sector`: a view of what is on the disk, to be read only. */
  read(sector: number): Uint8Array {
    checkSectors(sector, 1, this.sectors);
    return this.#view(sector, 1);
  }

  /** Put the 512 `bytes` into `sector`. */
  write(sector: number, bytes: Uint8Array): void {
    if (bytes.length !== SECTOR_BYTES) throw new RangeError(`disk: a sector has ${SECTOR_BYTES} bytes, not ${bytes.length}`);
    this.writeRange(sector, bytes);
  }

  /** The bytes of `sectors` sectors from `sector` on, to be read only: a view if they lie together in memory, else a copy. */
  readRange(sector: number, sectors: number): Uint8Array {
    checkSectors(sector, sectors, this.sectors);
    if (stretch(sector, sectors) === sectors) return this.#view(sector, sectors);
    const bytes = new Uint8Array(sectors * SECTOR_BYTES);
    for (let done = 0; done < sectors; ) {
      const count = stretch(sector + done, sectors - done);
      bytes.set(this.#view(sector + done, count), done * SECTOR_BYTES);
      done += count;
    }
    return bytes;
  }

  /** Put `bytes`, whole sectors, on the disk from `sector` on. */
  writeRange(sector: number, bytes: Uint8Array): void {
    const sectors = bytes.length / SECTOR_BYTES;
    checkSectors(sector, sectors, this.sectors);
    for (let done = 0; done < sectors; ) {
      const count = stretch(sector + done, sectors - done);
      const from = done * SECTOR_BYTES;
      this.#chunk(sector + done).set(bytes.subarray(from, from + count * SECTOR_BYTES), offsetInChunk(sector + done));
      done += count;
    }
  }

  /**
   * Let what is not written here from now on read as it does on `image`, which must not change any more.
   * @throws RangeError when something has been written already.
   */
  layOn(image: SectorStore): void {
    if (this.#chunks.size > 0) throw new RangeError("disk: it is not blank any more");
    this.#under = image;
  }

  #find(index: number): Uint8Array | undefined {
    return this.#chunks.get(index) ?? (this.#under === undefined ? undefined : this.#under.#find(index));
  }

  #view(sector: number, count: number): Uint8Array {
    const chunk = this.#find(Math.floor(sector / CHUNK_SECTORS)) ?? BLANK;
    const offset = offsetInChunk(sector);
    return chunk.subarray(offset, offset + count * SECTOR_BYTES);
  }

  #chunk(sector: number): Uint8Array {
    const index = Math.floor(sector / CHUNK_SECTORS);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) this.#chunks.set(index, (chunk = this.#find(index)?.slice() ?? new Uint8Array(CHUNK_BYTES)));
    return chunk;
  }
}

/** How many of `sectors` sectors from `sector` on lie in one chunk. */
function stretch(sector: number, sectors: number): number {
  return Math.min(sectors, CHUNK_SECTORS - (sector % CHUNK_SECTORS));
}

function offsetInChunk(sector: number): number {
  return (sector % CHUNK_SECTORS) * SECTOR_BYTES;
}
