/**
 * vnode_ops with the extension for mappers: what a file system type does for the Object Manager.
 *
 * Layer: servers/mix; section 4.3.3, "the Object Manager then invokes the corresponding
 * function (e.g.: ufs_pullin()) using an extension to the vnode_ops mechanism".
 */
import type { Steps } from "../../engine/index.ts";
import type { Errno } from "../../fs/errno.ts";
import type { FileKind } from "../../fs/layout.ts";
import type { Access, Area, PageRequest } from "../../kernels/chorus/index.ts";

/** A file in use. */
export interface Vnode {
  /** The key of the file's capability: the same for all who open it, and never another file's. */
  readonly key: number;
  readonly inode: number;
  readonly kind: FileKind;
  readonly links: number;
  /** Length in bytes, as far as this site knows. */
  size: number;
  readonly accessedNs: number;
  readonly modifiedNs: number;
  /** The file was read and written at these times, if they are later than those known. */
  touch(accessedNs: number, modifiedNs: number): void;
}

/** The operations of a file system type. Those on a vnode need it in use: opened, or activated. */
export interface VnodeOps {
  /** The file `path`, made with `create` if it is not there; one more use. @throws UnixError */
  open(path: string, options: { create: boolean; exclusive: boolean }): Steps<Vnode>;
  /** The file of a capability's `key`; one more use. @throws UnixError EIO */
  activate(key: number): Steps<Vnode>;
  /** The number of the inode that `key` means. */
  inodeOf(key: number): number;
  /** One use less. @throws UnixError EIO */
  release(vnode: Vnode): Steps;
  unlink(path: string): Steps;
  mkdir(path: string): Steps;
  mkfifo(path: string): Steps;
  /** Make the file `size` bytes long. */
  truncate(vnode: Vnode, size: number): Steps;
  /** Give back blocks past the end. */
  trim(vnode: Vnode): Steps;
  /** Everything about the file that is not in pages goes to the disk. */
  sync(vnode: Vnode): Steps;
  /** Let blocks be there to write the page around `offset`. @throws UnixError ENOSPC, EFBIG */
  allocate(vnode: Vnode, offset: number): Steps;
  /**
   * Fill `page`; the access that can be had to it without allocating. With `ahead`, the number
   * of the grant, pages after it may be brought into the same local cache as well.
   */
  pullIn(vnode: Vnode, request: PageRequest, page: Area, ahead?: number): Steps<Access>;
  /** Leave the disk as it must be when nobody remembers anything. */
  unmount(): Steps;
  /** Save `page`; false if `saved` will be called when it is done. @throws UnixError EIO */
  pushOut(vnode: Vnode, request: PageRequest, page: Area, saved: (error?: Errno) => void): Steps<boolean>;
}
