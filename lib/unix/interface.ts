/**
 * The Unix interface: what a program sees, the same on every system.
 *
 * Layer: unix. A program is a generator that makes system calls with `yield*`, as
 * section 4 of the paper has them: open, read, write, lseek and their companions.
 * Calls fail with a UnixError that carries the errno value. Where 4.3BSD and
 * today's hosts disagree on an errno, the host's is taken (unlink of a directory
 * gives EISDIR), so that every result can be compared with a real directory.
 */
import type { Steps } from "../engine/index.ts";
import type { FileKind } from "../fs/layout.ts";

/** A process's program; what it returns, if a number, is its exit status. */
export type Program<T = unknown> = (unix: Unix) => Steps<T>;

/** How to open a file; by default an existing one, for reading and writing. */
export interface OpenOptions {
  access?: "read" | "write" | "both";
  /** Make the file if it is not there. */
  create?: boolean;
  /** With create: fail with EEXIST if it is there. */
  exclusive?: boolean;
  /** Cut the file to nothing. */
  truncate?: boolean;
  /** Every write goes to the end. */
  append?: boolean;
}

export type Whence = "set" | "current" | "end";

export interface Stat {
  inode: number;
  kind: FileKind;
  /** Length in bytes. */
  size: number;
  links: number;
  /** When the file was last read and written, in ns of simulated time; 0 for a file prepared on the disk. Mach 3.0 does not learn it of mapped files. */
  accessedNs: number;
  modifiedNs: number;
}

/** Lock, sleeping while another process has a lock there; lock or fail; unlock; fail if another has a lock there. */
export type LockFunction = "lock" | "tlock" | "ulock" | "test";

/** What a limit is on: processor time, file size, data, stack, core dump, resident memory, descriptors. */
export type Resource = "cpu" | "fsize" | "data" | "stack" | "core" | "rss" | "nofile";

/** A limit in the unit of its resource (s, bytes, descriptors), and how far the process may raise it; Infinity is no limit. */
export interface Limit {
  current: number;
  maximum: number;
}

/** Besides the errors named, any call with a path gives ENAMETOOLONG, any that needs the disk EIO, any that needs memory ENOMEM. */
export interface Unix {
  /** Open `path`; the lowest free descriptor. A named pipe that is opened only to read or only to write: sleep until it has another end. Errors: ENOENT, ENOTDIR, EISDIR, EEXIST, EMFILE, ENOSPC. */
  open(path: string, options?: OpenOptions): Steps<number>;
  /** open(path, { access: "write", create: true, truncate: true }). */
  creat(path: string): Steps<number>;
  /** Errors: EBADF. */
  close(fd: number): Steps;
  /** Up to `count` bytes from the file pointer on, the caller's own, in part of an ArrayBuffer; none at the end of the file. Errors: EBADF, EISDIR, EINVAL. */
  read(fd: number, count: number): Steps<Uint8Array>;
  /** Write `bytes` at the file pointer; how many were written. Errors: EBADF, EFBIG, ENOSPC, EPIPE. */
  write(fd: number, bytes: Uint8Array): Steps<number>;
  /** Move the file pointer; where it is now. Errors: EBADF, EINVAL, ESPIPE. */
  lseek(fd: number, offset: number, whence?: Whence): Steps<number>;
  /** Wait until all that was written to the file is on the disk. Errors: EBADF, EINVAL. */
  fsync(fd: number): Steps;
  /** Make the file `size` bytes long. Errors: EBADF, EINVAL, EFBIG, and EAGAIN where another process has locked what goes or comes. */
  ftruncate(fd: number, size: number): Steps;
  /**
   * Keep other processes from reading and writing the `bytes` bytes from the file pointer on (before it, if negative; all
   * that follow, if 0), give them free, or test them. Those kept out sleep. A process's locks on a file go when it closes
   * any descriptor of it. On System V R4.0 and CHORUS/MiX; the Berkeley systems answer ENOSYS.
   * Errors: EBADF, EINVAL, EAGAIN ("tlock", "test"), EDEADLK.
   */
  lockf(fd: number, how: LockFunction, bytes?: number): Steps;
  /** Remove a name; the file goes with its last name and its last descriptor. Errors: ENOENT, ENOTDIR, EISDIR. */
  unlink(path: string): Steps;
  /** Errors: EEXIST, ENOENT, ENOTDIR, ENOSPC. */
  mkdir(path: string): Steps;
  /** Make a named pipe. Errors: as mkdir(). */
  mkfifo(path: string): Steps;
  /** Errors: ENOENT, ENOTDIR. */
  stat(path: string): Steps<Stat>;
  /** Start `child` in a process that shares this one's open files and their pointers; the child's pid. Errors: EAGAIN. */
  fork(child: Program): Steps<number>;
  /** End the process; the low 8 bits of `status` go to the parent. */
  exit(status: number): Steps<never>;
  /** Wait for a child to end. Errors: ECHILD. */
  wait(): Steps<{ pid: number; status: number }>;
  getpid(): Steps<number>;
  getuid(): Steps<number>;
  /** How much of `resource` the process may use. Errors: EINVAL. */
  getrlimit(resource: Resource): Steps<Limit>;
  /** Hold back the signals of `mask` (bit 0 is signal 1; KILL and STOP cannot be) besides those held back already; the mask before. */
  sigblock(mask: number): Steps<number>;
  /** Hold back the signals of `mask` and no others; the mask before. A child begins with its parent's. */
  sigsetmask(mask: number): Steps<number>;
  /** A pipe, which holds 4096 bytes: the descriptor to read from, the descriptor to write to. Errors: EMFILE. */
  pipe(): Steps<[number, number]>;
  /** Into the kernel and out again: the null trap of Table 5-2. */
  nullTrap(): Steps;
}
