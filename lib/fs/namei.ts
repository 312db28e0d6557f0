/**
 * Layer 5 of 5, second half: path names.
 *
 * A path is walked one component at a time: lock the directory, look the name up,
 * take the inode it leads to, unlock. One lock is held at a time, so ".." needs no
 * care. There are no symbolic links, and permissions are recorded, not checked.
 */
import type { Simulation, Steps } from "../engine/index.ts";
import type { Directories } from "./directories.ts";
import { encodeName } from "./directory-chunk.ts";
import { UnixError } from "./errno.ts";
import type { Inode } from "./inode.ts";
import { locked } from "./inodes.ts";
import type { Inodes } from "./inodes.ts";
import { isDirectory } from "./layout.ts";

/** Longest path name, in bytes (MAXPATHLEN). */
const PATH_BYTES_MAX = 1024;

/** The last component of a path, and the directory that has it or should have it. */
export interface LastName {
  directory: Inode;
  /** "" if the path is the root. */
  name: string;
  /** The path ends with a slash: it means a directory. */
  slash: boolean;
}

export class PathNames {
  readonly #sim: Simulation;
  readonly #inodes: Inodes;
  readonly #directories: Directories;
  readonly #root: Inode;
  readonly #nameNs: number;

  /** `nameNs`: what it costs to look up one component. */
  constructor(sim: Simulation, inodes: Inodes, directories: Directories, root: Inode, nameNs: number) {
    this.#sim = sim;
    this.#inodes = inodes;
    this.#directories = directories;
    this.#root = root;
    this.#nameNs = nameNs;
  }

  /** The inode that `path` leads to, one more user. A relative path starts at `from`, by default the root. @throws UnixError. */
  *namei(path: string, from?: Inode): Steps<Inode> {
    const inode = yield* this.#walk(components(path), this.#start(path, from));
    if (!path.endsWith("/") || isDirectory(inode)) return inode;
    yield* this.#inodes.iput(inode);
    throw new UnixError("ENOTDIR");
  }

  /** The last component of `path`, and its directory, one more user. @throws UnixError. */
  *parent(path: string, from?: Inode): Steps<LastName> {
    const names = components(path);
    const name = names.pop() ?? "";
    const directory = yield* this.#walk(names, this.#start(path, from));
    if (isDirectory(directory)) return { directory, name, slash: path.endsWith("/") };
    yield* this.#inodes.iput(directory);
    throw new UnixError("ENOTDIR");
  }

  /** The inode called `name` in `directory`, whose lock is held, one more user; undefined if there is none. @throws UnixError. */
  *child(directory: Inode, name: string): Steps<Inode | undefined> {
    this.#sim.charge(this.#nameNs, "namei");
    const number = yield* this.#directories.lookup(directory, encodeName(name));
    return number === 0 ? undefined : yield* this.#inodes.iget(number);
  }

  #start(path: string, from: Inode | undefined): Inode {
    return from === undefined || path.startsWith("/") ? this.#root : from;
  }

  *#walk(names: readonly string[], start: Inode): Steps<Inode> {
    let inode = yield* this.#inodes.iget(start.number);
    for (const name of names) {
      const directory = inode;
      try {
        if (!isDirectory(directory)) throw new UnixError("ENOTDIR");
        const child = yield* locked(directory, this.child(directory, name));
        if (child === undefined) throw new UnixError("ENOENT");
        inode = child;
      } finally {
        yield* this.#inodes.iput(directory);
      }
    }
    return inode;
  }
}

/** The components of `path`. @throws UnixError ENOENT for an empty path, EINVAL, ENAMETOOLONG. */
function components(path: string): string[] {
  if (path === "") throw new UnixError("ENOENT");
  if (path.includes("\0")) throw new UnixError("EINVAL");
  if (encodeName(path).length >= PATH_BYTES_MAX) throw new UnixError("ENAMETOOLONG");
  return path.split("/").filter((name) => name !== "");
}
