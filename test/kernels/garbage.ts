/** A used disk: every block that no file has is full of bytes that no file may ever show. */
import { groupBase, groupBlocks, reservedBlocks, sectorsPerBlock } from "../../lib/fs/geometry.ts";
import { readImage } from "../../lib/fs/image.ts";
import { SECTOR_BYTES } from "../../lib/fs/layout.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";

/** The byte that unused blocks are full of. */
export const GARBAGE = 0xdb;

/** Boot `name` with an empty file system on such a disk; MiX with a little swap space behind it. */
export function bootOnUsedDisk(name: SystemName, options: BootOptions): System {
  const system = boot(name, name === "mix" ? ({ ...options, om: { swapMB: 1 } } as BootOptions) : options);
  const { store } = system.machine.controller;
  const { superblock: sb } = readImage(store);
  const garbage = new Uint8Array(sectorsPerBlock(sb) * SECTOR_BYTES).fill(GARBAGE);
  for (let group = 0; group < sb.groups; group++) {
    const [from, to] = reservedBlocks(sb, group);
    const first = groupBase(sb, group);
    for (let block = first; block < first + groupBlocks(sb, group); block++) {
      const root = group === 0 && block === to; // the root directory's only block: mkfs puts it first
      if ((block < from || block >= to) && !root) store.writeRange(block * sectorsPerBlock(sb), garbage);
    }
  }
  return system;
}
