/**
 * The files that the Object Manager knows, and the file systems that they lie in.
 *
 * Layer: servers/mix; section 3.2.1, "it manages various file system types such as S5,
 * UFS". A file is found by its path when it is opened, and by its key ever after.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { MapperError } from "../../kernels/chorus/index.ts";
import type { Nucleus } from "../../kernels/chorus/index.ts";
import { FileRecord } from "./file-record.ts";
import type { Vnode, VnodeOps } from "./vnode.ts";

/** A file system: the path where it begins, its type, and where the keys of its files begin. */
export interface Mount {
  readonly prefix: string;
  readonly firstKey: number;
  readonly ops: VnodeOps;
}

export class FileTable {
  /** The file systems that are mounted; the first is the root. */
  readonly mounts: Mount[] = [];
  readonly #nucleus: Nucleus;
  readonly #files = new Map<number, FileRecord>();

  constructor(nucleus: Nucleus) {
    this.#nucleus = nucleus;
  }

  /** Everything cached anywhere goes to the disk and is forgotten. */
  *unmount(): Steps {
    for (const file of this.#files.values()) yield* file.recallPages();
    this.#files.clear();
    for (const { ops } of this.mounts.splice(0)) yield* ops.unmount();
  }

  /** The file of `key` will be gone: all sites forget its pages. */
  *discardPages(key: number): Steps {
    const file = this.#files.get(key);
    if (file !== undefined) yield* file.discardPages();
    this.#files.delete(key);
  }

  /** The key of the file with number `inode`. @throws UnixError ENOENT if nobody has used it since it was mounted */
  keyOf(inode: number): number {
    for (const key of this.#files.keys()) if (this.opsOf(key).inodeOf(key) === inode) return key;
    throw new UnixError("ENOENT");
  }

  /** The file at `path`, made with `create` if it is not there; one more use. @throws UnixError */
  *lookUp(path: string, options: { create: boolean; exclusive: boolean }): Steps<Vnode> {
    const { ops, rest } = this.mountOf(path);
    return yield* ops.open(rest, options);
  }

  /** The type of the file system that `path` leads into, and the path within it. */
  mountOf(path: string): { ops: VnodeOps; rest: string } {
    const mount = this.mounts.findLast(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (mount === undefined || mount.prefix === "") return { ops: this.mounts[0]!.ops, rest: path };
    return { ops: mount.ops, rest: path.slice(mount.prefix.length) || "/" };
  }

  /** The type of the file system that the file of `key` lies in. */
  opsOf(key: number): VnodeOps {
    return this.mounts.findLast(({ firstKey }) => key >= firstKey)!.ops;
  }

  /** One use less of `vnode`. @throws UnixError EIO */
  release(vnode: Vnode): Steps {
    return this.opsOf(vnode.key).release(vnode);
  }

  /** What is known of the file of `key`, if anybody has used it. */
  find(key: number): FileRecord | undefined {
    return this.#files.get(key);
  }

  /** What is known of the file of `key`. */
  file(key: number): FileRecord {
    let file = this.#files.get(key);
    if (file === undefined) this.#files.set(key, (file = new FileRecord(this.#nucleus, key)));
    return file;
  }

  /** Do `operation` on the file of `key`, open or not. @throws MapperError instead of UnixError */
  *withVnode<T>(key: number, operation: (vnode: Vnode, file: FileRecord) => Steps<T>): Steps<T> {
    const file = this.file(key);
    try {
      if (file.vnode !== undefined) return yield* operation(file.vnode, file);
      const vnode = yield* this.opsOf(key).activate(key);
      try {
        return yield* operation(vnode, file);
      } finally {
        yield* this.release(vnode);
      }
    } catch (error) {
      if (error instanceof UnixError) throw new MapperError(error.errno);
      throw error;
    }
  }
}
