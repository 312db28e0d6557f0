/**
 * The errors of Unix, which every system call of every system answers with.
 *
 * Layer: file system, the first room that raises them; part of "Unix semantics"
 * in the paper's section 3. Numbers are those on which 4.3BSD and Linux agree; where
 * they differ (EAGAIN, ENAMETOOLONG, ENOTEMPTY) they are Linux's.
 */

const errors = {
  EPERM: [1, "operation not permitted"],
  ENOENT: [2, "no such file or directory"],
  ESRCH: [3, "no such process"],
  EINTR: [4, "interrupted system call"],
  EIO: [5, "input/output error"],
  ENXIO: [6, "no such device or address"],
  EBADF: [9, "bad file descriptor"],
  ECHILD: [10, "no child processes"],
  EAGAIN: [11, "resource temporarily unavailable"],
  ENOMEM: [12, "not enough memory"],
  EACCES: [13, "permission denied"],
  EFAULT: [14, "bad address"],
  EBUSY: [16, "device or resource busy"],
  EEXIST: [17, "file exists"],
  ENODEV: [19, "no such device"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "is a directory"],
  EINVAL: [22, "invalid argument"],
  ENFILE: [23, "file table overflow"],
  EMFILE: [24, "too many open files"],
  ENOTTY: [25, "inappropriate operation for the device"],
  EFBIG: [27, "file too large"],
  ENOSPC: [28, "no space left on device"],
  ESPIPE: [29, "illegal seek"],
  EROFS: [30, "read-only file system"],
  EMLINK: [31, "too many links"],
  EPIPE: [32, "broken pipe"],
  EDEADLK: [35, "resource deadlock avoided"],
  ENAMETOOLONG: [36, "file name too long"],
  ENOSYS: [38, "function not implemented"],
  ENOTEMPTY: [39, "directory not empty"],
} as const;

/** Name of an error: "ENOENT". */
export type Errno = keyof typeof errors;

/** A system call, or something inside it, failed the way Unix fails. */
export class UnixError extends Error {
  override readonly name = "UnixError";
  readonly code: Errno;
  /** The number behind the name. */
  readonly errno: number;
  /** The system call that failed, once it is known. */
  syscall: string | undefined;

  constructor(code: Errno, syscall?: string) {
    super(`${code}: ${errors[code][1]}`);
    this.code = code;
    this.errno = errors[code][0];
    this.syscall = syscall;
  }
}
