/** Whose the sectors of a disk are, in words. */
import { headerBlock, inodeBlock, reservedBlocks, sectorsPerBlock } from "../../lib/fs/geometry.ts";
import type { Image } from "../../lib/fs/image.ts";
import { DIRECT_POINTERS, HOLE, ROOT_INODE } from "../../lib/fs/layout.ts";

export class DiskMap {
  readonly #sectorsPerBlock: number;
  readonly #blocks = new Map<number, string>();
  readonly #firstSectors = new Map<string, number>();

  constructor(image: Image) {
    const { superblock: sb } = image;
    this.#sectorsPerBlock = sectorsPerBlock(sb);
    for (let group = 0; group < sb.groups; group++) this.#blocks.set(headerBlock(sb, group), `header of group ${group}`);
    this.#blocks.set(reservedBlocks(sb, 0)[1], "the root directory");
    this.#blocks.set(inodeBlock(sb, ROOT_INODE), "inodes");
    for (const { path, number, inode } of image.entries.values()) {
      this.#blocks.set(inodeBlock(sb, number), "inodes");
      for (const pointer of inode.pointers.slice(DIRECT_POINTERS)) if (pointer !== HOLE) this.#blocks.set(pointer, `indirect block of ${path}`);
      image.blocks(path).forEach((block, i) => {
        if (block !== HOLE) this.#blocks.set(block, `block ${i} of ${path}`);
      });
      this.#firstSectors.set(path, (image.blocks(path)[0] ?? 0) * this.#sectorsPerBlock);
    }
  }

  /** `sectors` sectors from `sector` on, and how far they are from the first sector of their file. */
  describe(sector: number, sectors: number): string {
    const name = this.#blocks.get(Math.floor(sector / this.#sectorsPerBlock)) ?? "a block of nobody";
    const [, path] = /^block .* of (.*)$/.exec(name) ?? [];
    const from = path === undefined ? "" : ` at +${sector - this.#firstSectors.get(path)!}`;
    return `${name}: ${sectors} sectors${from}`;
  }
}
