/**
 * An open directory: it can be held and synced, its entries come from stat and open.
 *
 * Layer: unix. read() fails with EISDIR, as on today's hosts.
 */
import type { Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { FileSystem } from "../fs/file-system.ts";
import type { Inode } from "../fs/inode.ts";
import type { OpenObject } from "./open-file.ts";

export class Directory implements OpenObject {
  readonly #fs: FileSystem;
  readonly #inode: Inode;

  constructor(fs: FileSystem, inode: Inode) {
    this.#fs = fs;
    this.#inode = inode;
  }

  *read(): Steps<number> {
    throw new UnixError("EISDIR");
  }

  *write(): Steps<number> {
    throw new UnixError("EISDIR");
  }

  size(): number {
    return this.#inode.size;
  }

  fsync(): Steps {
    return this.#fs.fsync(this.#inode);
  }

  *truncate(): Steps {
    throw new UnixError("EINVAL");
  }

  close(): Steps {
    return this.#fs.iput(this.#inode);
  }
}
