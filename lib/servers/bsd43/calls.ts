/**
 * The system calls that the server carries out (section 3.1.1: its threads "internally
 * take on the identity of that client and execute the appropriate Unix system call").
 *
 * Layer: servers/bsd43. One table of them, with the types of what each takes, which are looked
 * at before it begins: the server does not trust the Emulation Library (section 4.1.1).
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { isDirectory, isFifo, SECTOR_BYTES } from "../../fs/layout.ts";
import type { OutOfLineItem, Received } from "../../kernels/mach3/index.ts";
import { Directory } from "../../unix/directory.ts";
import type { OpenOptions, Program, Stat, Whence } from "../../unix/interface.ts";
import { RESOURCES, limitOn } from "../../unix/limits.ts";
import { OpenFile } from "../../unix/open-file.ts";
import type { OpenObject } from "../../unix/open-file.ts";
import { Pipe } from "../../unix/pipe.ts";
import { statOf } from "../../unix/stat.ts";
import type { Client } from "./mapped-file.ts";
import { read, write } from "./data-calls.ts";
import { HandledRawDisk } from "./handled-object.ts";
import type { ServerProcess } from "./processes.ts";
import { rawDisk } from "./raw-disk.ts";
import type { Bsd43Server } from "./server.ts";
import { UNIX_CALL } from "./server-call.ts";
import type { Opened, ServerCall } from "./server-call.ts";

/** Whether an argument is of the type that a call takes. */
type Type = (value: unknown) => boolean;

interface Call {
  /** The types of the arguments. Whether a number can be used the call itself says, in the order that Unix has. */
  readonly takes: readonly Type[];
  /** Out-of-line memory may come with them. */
  readonly takesMemory?: boolean;
  readonly act: (server: Bsd43Server, self: ServerProcess, args: never, memory: OutOfLineItem | undefined) => Steps<unknown>;
}

const number: Type = (value) => typeof value === "number";
const path: Type = (value) => typeof value === "string";
const program: Type = (value) => typeof value === "function";
const options: Type = (value) => typeof value === "object" && value !== null && oneOf(undefined, "read", "write", "both")((value as OpenOptions).access);
const data: Type = (value) => typeof value === "number" || value instanceof Uint8Array;
const oneOf = (...names: readonly unknown[]): Type => (value) => names.includes(value);

const calls: Readonly<Record<string, Call>> = {
  open: { takes: [path, options], act: open },
  read: { takes: [number, number], act: read },
  write: { takes: [number, data], takesMemory: true, act: write },
  lseek: { takes: [number, number, oneOf("set", "current", "end")], act: lseek },
  mkdir: { takes: [path], act: mkdir },
  mkfifo: { takes: [path], act: mkfifo },
  lockf: { takes: [], act: lockf },
  stat: { takes: [path], act: stat },
  unlink: { takes: [path], act: unlink },
  pipe: { takes: [], act: pipe },
  fsync: { takes: [number], act: fsync },
  ftruncate: { takes: [number, number], act: ftruncate },
  close: { takes: [number], act: close },
  remap: { takes: [number, number, oneOf("read", "write")], act: remap },
  getpid: {
    takes: [],
    *act(_server, { process }) {
      return process.pid;
    },
  },
  getuid: {
    takes: [],
    *act(_server, { process }) {
      return process.uid;
    },
  },
  getrlimit: {
    takes: [oneOf(...RESOURCES.keys())],
    *act(_server, _self, [resource]: [number]) {
      return limitOn(resource);
    },
  },
  sigblock: {
    takes: [number],
    *act(_server, { library }, [mask]: [number]) {
      return library.pages.changeSignalMask("sigblock", mask);
    },
  },
  sigsetmask: {
    takes: [number],
    *act(_server, { library }, [mask]: [number]) {
      return library.pages.changeSignalMask("sigsetmask", mask);
    },
  },
  fork: { takes: [program], act: (server, self, [child]: [Program]) => server.processes.fork(self, child) },
  wait: { takes: [], act: (server, self) => server.processes.interruptible(server.processes.collect(self)) },
  exit: { takes: [number], act: (server, self, [status]: [number]) => server.processes.end(self, status) },
  token_request: { takes: [number], act: (server, self, [fd]: [number]) => server.tokens.request(clientOf(self, fd)) },
  token_release: { takes: [number], act: (server, self, [fd]: [number]) => server.tokens.release(clientOf(self, fd)) },
  lock_wakeup: {
    takes: [number],
    *act(_server, self, [fd]: [number]) {
      clientOf(self, fd).file.released.wakeAll();
    },
  },
};

/** The call that a message asks for; undefined if the server knows no such call. */
export function callIn({ id, data: asked }: Received): ServerCall | undefined {
  const { name, args } = (asked ?? {}) as Partial<Record<keyof ServerCall, unknown>>;
  if (id !== UNIX_CALL || typeof name !== "string" || !Object.hasOwn(calls, name)) return undefined;
  return { name, args: Array.isArray(args) ? args : [] };
}

/** Whether out-of-line memory is for the call, and not just beside it. */
export const takesMemory = ({ name }: ServerCall): boolean => calls[name]!.takesMemory === true;

/** Carry out a call of `self`, with the `memory` that came out of line. @throws UnixError; EINVAL for arguments of other types than it takes */
export function carryOut(server: Bsd43Server, self: ServerProcess, { name, args }: ServerCall, memory?: OutOfLineItem): Steps<unknown> {
  const { takes, act } = calls[name]!;
  if (!takes.every((type, i) => type(args[i]))) throw new UnixError("EINVAL");
  return act(server, self, args as never, memory);
}

function clientOf(self: ServerProcess, fd: number): Client {
  const client = self.clients[fd];
  if (client === undefined) throw new UnixError("EBADF");
  return client;
}

function* open(server: Bsd43Server, self: ServerProcess, [path, options]: [string, OpenOptions]): Steps<Opened> {
  server.task.charge(server.costs.openNs, "open");
  const fd = self.process.freeDescriptor();
  const object = yield* openObject(server, path, options);
  if (self.process.descriptors[fd] !== undefined) throw new Error("a process makes one call at a time");
  const { access = "both", append = false } = options;
  self.process.descriptors[fd] = new OpenFile(server.sim, object, access, append);
  const client = server.processes.openMapped(self, fd);
  const mode = { readable: access !== "write", writable: access !== "read" };
  return {
    fd,
    mapped: client && { append, ...mode },
    raw: object === rawDisk ? { bytes: server.disk.sectors * SECTOR_BYTES, ...mode } : undefined,
  };
}

function* openObject(server: Bsd43Server, path: string, { access = "both", create = false, exclusive = false, truncate = false }: OpenOptions): Steps<OpenObject> {
  if (path === server.rawDevice) return server.values.structure.calls === "handler" ? new HandledRawDisk(server.task, server.disk.sectors) : rawDisk;
  const inode = yield* create ? server.fs.create(path, { exclusive }) : server.fs.namei(path);
  if (isDirectory(inode)) {
    if (access === "read" && !truncate) return new Directory(server.fs, inode);
    yield* server.fs.iput(inode);
    throw new UnixError("EISDIR");
  }
  if (isFifo(inode)) return yield* server.pipes.open(server.fs, inode, access, (steps) => server.processes.interruptible(steps));
  const file = yield* server.regularFile(inode);
  if (truncate) yield* file.truncate(0);
  return file;
}

function* close(server: Bsd43Server, self: ServerProcess, [fd]: [number]) {
  server.task.charge(server.costs.closeNs, "close");
  const file = self.process.file(fd);
  const client = self.clients[fd];
  self.clients[fd] = undefined;
  if (client !== undefined) yield* server.tokens.remove(client);
  self.process.descriptors[fd] = undefined;
  yield* file.release();
}

function* lseek(_server: Bsd43Server, { process }: ServerProcess, [fd, offset, whence]: [number, number, Whence]) {
  return yield* process.file(fd).seek(offset, whence);
}

/** Move the window so that the file pointer, which is at `offset`, is in it. The client has the Token, and is about to read or write. */
function* remap(server: Bsd43Server, self: ServerProcess, [fd, offset, use]: [number, number, "read" | "write"]) {
  server.task.charge(server.costs.remapNs, "remap");
  const client = clientOf(self, fd);
  const { windowBytes } = server.values.mapping;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset >= server.fs.maxFileBytes) throw new UnixError("EINVAL");
  yield* client.file.moveWindow(client, Math.floor(offset / windowBytes) * windowBytes, windowBytes);
  if (use === "write" && self.process.file(fd).writable) client.file.report(); // a page of the old window, or one before, found the disk full
}

function* fsync(_server: Bsd43Server, { process }: ServerProcess, [fd]: [number]) {
  yield* process.file(fd).object.fsync();
}

function* ftruncate(_server: Bsd43Server, { process }: ServerProcess, [fd, size]: [number, number]) {
  if (!Number.isSafeInteger(size) || size < 0) throw new UnixError("EINVAL");
  const file = process.file(fd);
  if (!file.writable) throw new UnixError("EINVAL");
  yield* file.object.truncate(size);
}

function* unlink(server: Bsd43Server, _self: ServerProcess, [path]: [string]) {
  yield* server.fs.unlink(path);
  yield* server.unlinked();
}

/** 4.3BSD has no such call. */
function* lockf(): Steps {
  throw new UnixError("ENOSYS");
}

function* mkdir(server: Bsd43Server, _self: ServerProcess, [path]: [string]) {
  yield* server.fs.mkdir(path);
}

function* mkfifo(server: Bsd43Server, _self: ServerProcess, [path]: [string]) {
  yield* server.fs.mkfifo(path);
}

function* stat(server: Bsd43Server, _self: ServerProcess, [path]: [string]): Steps<Stat> {
  const inode = yield* server.fs.namei(path);
  const size = server.mappedFile(inode.number)?.size ?? inode.size;
  const result = { ...statOf(inode), size };
  yield* server.fs.iput(inode);
  return result;
}

function* pipe(server: Bsd43Server, { process }: ServerProcess) {
  const { sim } = server;
  const readFd = process.freeDescriptor();
  const writeFd = process.freeDescriptor(readFd);
  const opened = new Pipe(server.pipeHost);
  process.descriptors[readFd] = new OpenFile(sim, opened.end(["read"]), "read");
  process.descriptors[writeFd] = new OpenFile(sim, opened.end(["write"]), "write");
  return [readFd, writeFd];
}
