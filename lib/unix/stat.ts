/** What stat() tells of an inode. Layer: unix. */
import type { Inode } from "../fs/inode.ts";
import { kindOf } from "../fs/layout.ts";
import type { Stat } from "./interface.ts";

export function statOf(inode: Inode): Stat {
  const { number, size, links, accessedNs, modifiedNs } = inode;
  return { inode: number, kind: kindOf(inode), size, links, accessedNs, modifiedNs };
}
