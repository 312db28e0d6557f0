/**
 * Layer 5 of 5, last part: making and removing files and directories.
 *
 * Every operation holds the lock of the directory that it changes. It fails
 * before it changes anything, or undoes what it began.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import type { Directories } from "./directories.ts";
import { encodeName } from "./directory-chunk.ts";
import { UnixError } from "./errno.ts";
import type { Inode } from "./inode.ts";
import { locked } from "./inodes.ts";
import type { Inodes } from "./inodes.ts";
import { isDirectory, LINKS_MAX, MODE_DIRECTORY, MODE_FIFO, MODE_REGULAR, MODE_TYPE } from "./layout.ts";
import type { LastName, PathNames } from "./namei.ts";

/** How to create a file. */
export interface CreateOptions {
  permissions?: number;
  /** Fail if it is there. */
  exclusive?: boolean;
  /** Where a relative path starts. */
  from?: Inode;
}

export class Tree {
  readonly #sim: Simulation;
  readonly #inodes: Inodes;
  readonly #directories: Directories;
  readonly #names: PathNames;

  constructor(sim: Simulation, inodes: Inodes, directories: Directories, names: PathNames) {
    this.#sim = sim;
    this.#inodes = inodes;
    this.#directories = directories;
    this.#names = names;
  }

  /** The regular file `path`, made if it is not there; one more user. @throws UnixError. */
  create(path: string, { permissions = 0o644, exclusive = false, from }: CreateOptions = {}): Steps<Inode> {
    return this.#inParent(path, from, (last) => this.#create(last, MODE_REGULAR | permissions, exclusive));
  }

  /** Make the directory `path`. @throws UnixError. */
  *mkdir(path: string, { permissions = 0o755, from }: Omit<CreateOptions, "exclusive"> = {}): Steps {
    yield* this.#inodes.iput(yield* this.#inParent(path, from, (last) => this.#makeNew(last, MODE_DIRECTORY | permissions)));
  }

  /** Make the named pipe `path`. @throws UnixError. */
  *mkfifo(path: string, { permissions = 0o644, from }: Omit<CreateOptions, "exclusive"> = {}): Steps {
    yield* this.#inodes.iput(yield* this.#inParent(path, from, (last) => this.#makeNew(last, MODE_FIFO | permissions)));
  }

  /** Take away the name `path` of a file; its last name and user gone, the file is freed. @throws UnixError. */
  *unlink(path: string, from?: Inode): Steps {
    yield* this.#inodes.iput(yield* this.#inParent(path, from, (last) => this.#unlink(last)));
  }

  /** Remove the empty directory `path`. @throws UnixError. */
  *rmdir(path: string, from?: Inode): Steps {
    yield* this.#inodes.iput(yield* this.#inParent(path, from, (last) => this.#rmdir(last)));
  }

  /** Do `operation` on the last component of `path`, with the lock of its directory held. */
  *#inParent<T>(path: string, from: Inode | undefined, operation: (last: LastName) => Steps<T>): Steps<T> {
    const last = yield* this.#names.parent(path, from);
    try {
      return yield* locked(last.directory, operation(last));
    } finally {
      yield* this.#inodes.iput(last.directory);
    }
  }

  *#create(last: LastName, mode: number, exclusive: boolean): Steps<Inode> {
    if (last.slash && last.name !== "") throw new UnixError("EISDIR");
    const found = yield* this.#find(last);
    if (found === undefined) return yield* this.#make(last, mode);
    if (!exclusive && !isDirectory(found)) return found;
    yield* this.#inodes.iput(found);
    throw new UnixError(exclusive ? "EEXIST" : "EISDIR");
  }

  *#makeNew(last: LastName, mode: number): Steps<Inode> {
    const found = yield* this.#find(last);
    if (found === undefined) return yield* this.#make(last, mode);
    yield* this.#inodes.iput(found);
    throw new UnixError("EEXIST");
  }

  *#unlink(last: LastName): Steps<Inode> {
    const inode = yield* this.#find(last);
    if (inode === undefined) throw new UnixError("ENOENT");
    try {
      if (isDirectory(inode)) throw new UnixError("EISDIR");
      if (last.slash) throw new UnixError("ENOTDIR");
      yield* this.#directories.remove(last.directory, encodeName(last.name));
    } catch (error) {
      yield* this.#inodes.iput(inode);
      throw error;
    }
    inode.setLinks(inode.links - 1, this.#sim.now);
    return inode;
  }

  *#rmdir(last: LastName): Steps<Inode> {
    if (last.name === "") throw new UnixError("EBUSY");
    if (last.name === ".") throw new UnixError("EINVAL");
    if (last.name === "..") throw new UnixError("ENOTEMPTY");
    const inode = yield* this.#find(last);
    if (inode === undefined) throw new UnixError("ENOENT");
    try {
      if (!isDirectory(inode)) throw new UnixError("ENOTDIR");
      yield* locked(inode, this.#removeEmpty(last, inode));
    } catch (error) {
      yield* this.#inodes.iput(inode);
      throw error;
    }
    return inode;
  }

  *#removeEmpty({ directory, name }: LastName, inode: Inode): Steps {
    if ((yield* this.#directories.list(inode)).length > 2) throw new UnixError("ENOTEMPTY");
    yield* this.#directories.remove(directory, encodeName(name));
    inode.setLinks(0, this.#sim.now); // the entry, and its own "."
    directory.setLinks(directory.links - 1, this.#sim.now); // its ".."
  }

  /** What the last component leads to, if it is there, one more user. */
  *#find({ directory, name }: LastName): Steps<Inode | undefined> {
    return yield* this.#names.child(directory, name === "" ? "." : name);
  }

  /** Make an inode and enter it in its directory, where the name is free. */
  *#make({ directory, name }: LastName, mode: number): Steps<Inode> {
    if (directory.links === 0) throw new UnixError("ENOENT"); // it was removed, and lives on for its users alone
    if ((mode & MODE_TYPE) === MODE_DIRECTORY && directory.links === LINKS_MAX) throw new UnixError("EMLINK");
    const inode = yield* this.#inodes.ialloc(directory.number, mode);
    try {
      if (isDirectory(inode)) yield* this.#directories.format(inode, directory.number);
      inode.setLinks(isDirectory(inode) ? 2 : 1, this.#sim.now);
      yield* this.#inodes.iupdat(inode, { wait: true });
      yield* this.#directories.enter(directory, encodeName(name), inode.number);
      if (isDirectory(inode)) directory.setLinks(directory.links + 1, this.#sim.now);
      return inode;
    } catch (error) {
      inode.setLinks(0, this.#sim.now);
      yield* this.#inodes.iput(inode); // frees it
      throw error;
    }
  }
}
