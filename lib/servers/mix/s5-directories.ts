/**
 * Directories and path names of an S5 file system: entries of 16 bytes.
 *
 * Layer: servers/mix. All of it is done under the lock that S5 (s5.ts) holds.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { S5Disk, S5Inode } from "./s5-disk.ts";
import { readS5Entry, S5_BLOCK_BYTES, S5_ENTRY_BYTES, S5_MODE, S5_NAME_BYTES, S5_ROOT, writeS5Entry } from "./s5-layout.ts";

export class S5Directories {
  readonly #disk: S5Disk;

  constructor(disk: S5Disk) {
    this.#disk = disk;
  }

  /** A new inode called `name` in `directory`, one user. @throws UnixError ENOSPC */
  *make(directory: S5Inode, name: string, mode: number): Steps<S5Inode> {
    const inode = yield* this.#disk.ialloc(mode);
    try {
      yield* this.enter(directory, name, inode.number);
      return inode;
    } catch (error) {
      inode.links = 0;
      yield* this.#disk.iput(inode);
      throw error;
    }
  }

  /** The directory that has or should have the last component of `path`, one more user, and that component: "" for the root. */
  *parent(path: string): Steps<{ directory: S5Inode; name: string }> {
    const names = path.split("/").filter((name) => name !== "");
    if (names.some((name) => new TextEncoder().encode(name).length > S5_NAME_BYTES)) throw new UnixError("ENAMETOOLONG");
    const name = names.pop() ?? "";
    let directory = yield* this.#disk.iget(S5_ROOT);
    for (const component of names) {
      const found = directory.mode === S5_MODE.directory ? yield* this.lookup(directory, component) : 0;
      const failure = directory.mode !== S5_MODE.directory ? "ENOTDIR" : found === 0 ? "ENOENT" : undefined;
      yield* this.#disk.iput(directory);
      if (failure !== undefined) throw new UnixError(failure);
      directory = yield* this.#disk.iget(found);
    }
    if (directory.mode === S5_MODE.directory) return { directory, name };
    yield* this.#disk.iput(directory);
    throw new UnixError("ENOTDIR");
  }

  /** The number of the inode called `name`; 0 if there is none. */
  *lookup(directory: S5Inode, name: string): Steps<number> {
    let found = 0;
    yield* this.#eachEntry(directory, (view, at) => {
      const entry = readS5Entry(view, at);
      if (entry.inode !== 0 && entry.name === name) found = entry.inode;
      return false;
    });
    return found;
  }

  /** Let `name` lead to `inode`, in the first entry that is free or in a new one. */
  *enter(directory: S5Inode, name: string, inode: number): Steps {
    const reused = yield* this.#eachEntry(directory, (view, at) => {
      if (readS5Entry(view, at).inode !== 0) return false;
      writeS5Entry(view, at, inode, name);
      return true;
    });
    if (reused) return;
    const { block, fresh } = yield* this.#disk.bmap(directory, Math.floor(directory.size / S5_BLOCK_BYTES), true);
    const buffer = yield* fresh ? this.#disk.cache.getblk(block) : this.#disk.cache.bread(block);
    if (fresh) buffer.bytes.fill(0);
    writeS5Entry(buffer.view, directory.size % S5_BLOCK_BYTES, inode, name);
    this.#disk.cache.bdwrite(buffer);
    directory.size += S5_ENTRY_BYTES;
    yield* this.#disk.iupdate(directory);
  }

  /** Take `name` away. */
  *remove(directory: S5Inode, name: string): Steps {
    yield* this.#eachEntry(directory, (view, at) => {
      const entry = readS5Entry(view, at);
      if (entry.inode === 0 || entry.name !== name) return false;
      view.setUint16(at, 0, true);
      return true;
    });
  }

  /** Show each entry to `visit` until it has changed one; whether it has. */
  *#eachEntry(directory: S5Inode, visit: (view: DataView, at: number) => boolean): Steps<boolean> {
    for (let start = 0; start < directory.size; start += S5_BLOCK_BYTES) {
      const { block } = yield* this.#disk.bmap(directory, start / S5_BLOCK_BYTES);
      const buffer = yield* this.#disk.cache.bread(block);
      for (let at = 0; at < Math.min(S5_BLOCK_BYTES, directory.size - start); at += S5_ENTRY_BYTES) {
        if (!visit(buffer.view, at)) continue;
        this.#disk.cache.bdwrite(buffer);
        return true;
      }
      this.#disk.cache.brelse(buffer);
    }
    return false;
  }
}
