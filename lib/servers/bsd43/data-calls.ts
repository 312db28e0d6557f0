/**
 * read() and write() of what is not mapped, in the server: regular files without mapping, and pipes.
 *
 * Layer: servers/bsd43; sections 3.1.1 and 6.1. How the data travel is told in
 * data-path.ts, the library's side: through the bounce buffer or in line they are in
 * the process's buffer, more of them in memory of the server that comes and goes out
 * of line. In a handler the buffer is the process's own memory, and nothing travels.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Message, OutOfLineItem } from "../../kernels/mach3/index.ts";
import type { OpenFile } from "../../unix/open-file.ts";
import { OutOfLineMemory } from "./out-of-line.ts";
import type { ServerProcess } from "./processes.ts";
import type { Bsd43Server } from "./server.ts";

/** What a read() is answered with: the bytes, or how many there are, and the parts of the message that carry them. */
export class ReadAnswer {
  readonly result: Uint8Array | number;
  readonly parts: Pick<Message, "inLine" | "memory">;

  constructor(result: Uint8Array | number, parts: Pick<Message, "inLine" | "memory"> = {}) {
    this.result = result;
    this.parts = parts;
  }
}

/** read(): up to `count` bytes. A pipe never gives more than a page. */
export function* read(server: Bsd43Server, { process, shortBytes, bounce }: ServerProcess, [fd, count]: [number, number]): Steps<ReadAnswer> {
  const file = process.file(fd);
  if (count <= shortBytes || isPipe(file)) {
    const bytes = yield* slow(server, file, file.read(process.buffer, count));
    if (bounce !== undefined) return new ReadAnswer(bytes);
    const inLine = process.buffer.take(bytes);
    return new ReadAnswer(inLine, { inLine });
  }
  const memory = new OutOfLineMemory(server.task);
  let complete = false;
  try {
    const bytes = yield* file.read(memory, count);
    complete = true;
    return new ReadAnswer(bytes, memory.message());
  } finally {
    if (!complete) memory.release();
  }
}

/** write(): the bytes themselves, or how many are in the bounce buffer or in `memory`. */
export function* write(server: Bsd43Server, { process, shortBytes }: ServerProcess, [fd, data]: [number, Uint8Array | number], memory?: OutOfLineItem): Steps<number> {
  const file = process.file(fd);
  if (memory !== undefined && !Number.isSafeInteger(memory.bytes)) throw new UnixError("EINVAL");
  if (memory !== undefined && memory.bytes > server.machine.memory.bytes.length) throw new UnixError("ENOMEM"); // it would take the room of others' for as long as it waits
  if (memory !== undefined) return yield* slow(server, file, file.write(new OutOfLineMemory(server.task, memory), memory.bytes));
  const count = typeof data === "number" ? data : data.length;
  if (!Number.isSafeInteger(count) || count < 0 || count > shortBytes) throw new UnixError("EINVAL"); // so much is not there: no library of ours has sent this
  if (typeof data !== "number" && file.writable) process.buffer.fill(data);
  return yield* slow(server, file, file.write(process.buffer, count));
}

const isPipe = (file: OpenFile): boolean => file.object.size() === undefined;

/** Take `steps` on `file`, which may wait for other processes if it is a pipe. */
function slow<T>(server: Bsd43Server, file: OpenFile, steps: Steps<T>): Steps<T> {
  return isPipe(file) ? server.processes.interruptible(steps) : steps;
}
