/**
 * The messages between the servers of MiX, which share no memory: section 3.2.1.
 *
 * Layer: servers/mix. The first number of a request's annex is its operation, the
 * first of a reply's is 0 or an errno. Each server answers its own operations.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import { annexNumbers, annexText, packAnnex, portTarget, statusReply } from "../../kernels/chorus/index.ts";
import type { Area, Invocation, MessageHandler, Nucleus, Reply, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import { lockFunctions } from "../../unix/record-locks.ts";
import type { RecordLock } from "../../unix/record-locks.ts";

/** What the Object Manager does besides being a mapper, whose operations end at 15. */
export const OM = { open: 16, close: 17, stat: 18, unlink: 19, mkdir: 20, sizeToken: 21, truncate: 22, sync: 23, rawRead: 24, rawWrite: 25, mkfifo: 26, touch: 27, lock: 28 } as const;
/** What the Object Manager asks of a Process Manager. */
export const PM = { recallSize: 32, postLocks: 33 } as const;
/** What the Streams Manager does. */
export const STM = { pipe: 40, read: 41, write: 42, close: 43, open: 44, tty: 45 } as const;
/** Words that messages have as numbers. */
export const KINDS = ["file", "directory", "fifo"] as const;
export const ACCESSES = ["read", "write", "both"] as const;
export const WHENCES = ["set", "current", "end"] as const;
/** What lockf() can do; "use" is what read() and write() ask for when a lock is in their way. */
export const LOCKS = [...lockFunctions, "use"] as const;
/** What a trap relay asks of a Process Manager in user space. */
export const SYSTEM_CALL = 48;

/** The locks on a file at a time; a later version is truer. */
export interface PostedLocks {
  readonly version: number;
  readonly locks: readonly RecordLock<number>[];
}

const codes: readonly Errno[] = [
  "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES", "EFAULT", "EBUSY", "EEXIST", "ENODEV",
  "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDEADLK", "ENAMETOOLONG", "ENOTEMPTY",
];
const byNumber = new Map(codes.map((code) => [new UnixError(code).errno, code]));

/** The locks on a file as numbers, and back. */
export const packLocks = ({ version, locks }: PostedLocks): number[] => [version, ...locks.flatMap(({ owner, start, end }) => [owner, start, end])];

export function unpackLocks([version = 0, ...fields]: readonly number[]): PostedLocks {
  const locks = Array.from({ length: fields.length / 3 }, (_, i) => ({ owner: fields[3 * i]!, start: fields[3 * i + 1]!, end: fields[3 * i + 2]! }));
  return { version, locks };
}

/** The error with number `errno`. */
export function unixError(errno: number): UnixError {
  return new UnixError(byNumber.get(errno) ?? "EIO");
}

/** What a server answered. */
export interface Answer {
  readonly numbers: Float64Array;
  /** Bytes of the response that were filled. */
  readonly bytes: number;
}

/** Ask the server behind `port`: an operation with its numbers and a text. @throws UnixError */
export function* ask(nucleus: Nucleus, port: UniqueIdentifier, request: readonly number[], { text = "", body, response }: { text?: string; body?: Area; response?: Area } = {}): Steps<Answer> {
  const reply = yield* nucleus.ipc.ipcCall(portTarget(port), { annex: packAnnex(request, text), body }, response);
  const [status, ...numbers] = annexNumbers(reply.annex);
  if (status !== 0) throw unixError(status!);
  return { numbers: Float64Array.from(numbers), bytes: reply.bytes ?? 0 };
}

/** An operation on the request's numbers without the operation's own, its text, and its areas. */
export type Operation = (numbers: Float64Array, text: string, invocation: Invocation) => Steps<{ numbers?: readonly number[]; bytes?: number }>;

/** The message handler of a server with these operations; `others` gets what is not among them. */
export function operations(table: Readonly<Record<number, Operation>>, others?: MessageHandler): MessageHandler {
  return function* (invocation: Invocation): Steps<Reply> {
    const numbers = annexNumbers(invocation.annex);
    const operation = table[numbers[0]!];
    if (operation === undefined) {
      if (others !== undefined) return yield* others(invocation);
      return statusReply(new UnixError("EINVAL").errno);
    }
    try {
      const { numbers: results = [], bytes = 0 } = yield* operation(numbers.subarray(1), annexText(invocation.annex), invocation);
      return statusReply(0, results, bytes);
    } catch (error) {
      if (error instanceof UnixError) return statusReply(error.errno);
      throw error;
    }
  };
}
