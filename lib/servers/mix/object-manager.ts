/**
 * The Object Manager: files by name and by capability, and the mapper of their pages.
 *
 * Layer: servers/mix; sections 3.2.1, 3.2.2, 4.3.3 and 4.4. All who open a file get the
 * same capability: the Object Manager's port, and a key that means the file to it.
 * Pages are pulled in and pushed out through vnode_ops. Write permission is granted
 * when blocks are there to write to; blocks that were not needed are given back when
 * the file is closed.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { serveMapper } from "../../kernels/chorus/index.ts";
import type { Area, Nucleus, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import { obstacle, RecordLocks } from "../../unix/record-locks.ts";
import { FileMapper } from "./file-mapper.ts";
import type { MapperCosts } from "./file-mapper.ts";
import type { FileRecord } from "./file-record.ts";
import { FileTable } from "./file-table.ts";
import { ask, KINDS, LOCKS, OM, operations, packLocks, PM } from "./protocol.ts";
import type { Operation, PostedLocks } from "./protocol.ts";
import type { RawDisk } from "./raw-disk.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";
import type { SwapMapper } from "./swap.ts";

export interface ObjectManagerCosts extends MapperCosts {
  /** Any other request. */
  requestNs: number;
}

export class ObjectManager {
  readonly server: Server;
  readonly files: FileTable;
  readonly raw: RawDisk;
  /** The port of the Streams Manager that has the named pipes of these file systems. */
  streamsManager: UniqueIdentifier = 0;
  readonly #nucleus: Nucleus;
  readonly #swap: SwapMapper;
  readonly #locks = new RecordLocks<number>(); // by pid

  constructor(nucleus: Nucleus, structure: ServerStructure, costs: ObjectManagerCosts, swap: SwapMapper, raw: RawDisk) {
    this.files = new FileTable(nucleus);
    this.#nucleus = nucleus;
    this.#swap = swap;
    this.raw = raw;
    const charged = (operation: Operation): Operation =>
      function* (...request) {
        nucleus.machine.processor.charge(costs.requestNs, "request");
        return yield* operation(...request);
      };
    const table = {
      [OM.open]: this.#open,
      [OM.close]: this.#close,
      [OM.stat]: this.#stat,
      [OM.unlink]: this.#unlink,
      [OM.mkdir]: this.#mkdir,
      [OM.mkfifo]: this.#mkfifo,
      [OM.touch]: this.#touch,
      [OM.lock]: this.#lock,
      [OM.sizeToken]: this.#sizeToken,
      [OM.truncate]: this.#truncate,
      [OM.sync]: this.#sync,
      [OM.rawRead]: this.#rawRead,
      [OM.rawWrite]: this.#rawWrite,
    };
    const bound = Object.fromEntries(Object.entries(table).map(([code, operation]) => [code, charged(operation.bind(this))]));
    const mapper = new FileMapper(nucleus, costs, this.files, swap);
    this.server = new Server(nucleus, "Object Manager", structure, operations(bound, (invocation) => serveMapper(mapper, invocation)), true);
  }

  /** Pages of swap space that are free. */
  get freeSwapPages(): number {
    return this.#swap.freePages;
  }

  *#open([port, create, exclusive]: Float64Array, path: string) {
    const vnode = yield* this.files.lookUp(path, { create: create === 1, exclusive: exclusive === 1 });
    const file = this.files.file(vnode.key);
    yield* file.useLock.acquire();
    try {
      if (file.vnode === undefined) file.vnode = vnode;
      else yield* this.files.release(vnode);
      file.opens.set(port!, (file.opens.get(port!) ?? 0) + 1);
      const token = file.offerToken(port!) === undefined ? 0 : 1;
      const stream = vnode.kind === "fifo" ? this.streamsManager : 0;
      return { numbers: [vnode.key, KINDS.indexOf(vnode.kind), file.vnode.size, token, stream, ...packLocks(this.#locksOf(file))] };
    } finally {
      file.useLock.release();
    }
  }

  /** The Process Manager behind `port` is done with `count` of its opens, all that it knows of. */
  *#close([port, key, size, accessedNs, modifiedNs, count]: Float64Array) {
    const file = this.files.file(key!);
    yield* file.useLock.acquire();
    try {
      file.tell(port!, size!, accessedNs!, modifiedNs!);
      file.dropToken(port!);
      const left = file.opens.get(port!)! - count!;
      if (left > 0) file.opens.set(port!, left);
      else file.opens.delete(port!);
      if (file.opens.size === 0) yield* this.#putAway(file);
    } finally {
      file.useLock.release();
    }
    return {};
  }

  /** Nobody has the file open any more: blocks that were not needed go back, or all of them with its last name. */
  *#putAway(file: FileRecord): Steps {
    const vnode = file.vnode!;
    file.vnode = undefined;
    file.failure = undefined;
    if (vnode.kind === "file" && vnode.links > 0) {
      yield* file.discardPages(Math.ceil(vnode.size / PAGE_BYTES) * PAGE_BYTES);
      yield* this.files.opsOf(vnode.key).trim(vnode);
    }
    yield* this.files.release(vnode);
  }

  *#stat(_numbers: Float64Array, path: string) {
    const vnode = yield* this.files.lookUp(path, { create: false, exclusive: false });
    const file = this.files.find(vnode.key);
    if (file?.vnode !== undefined) yield* file.refresh();
    const { inode, kind, size, links, accessedNs, modifiedNs } = file?.vnode ?? vnode;
    yield* this.files.release(vnode);
    return { numbers: [inode, KINDS.indexOf(kind), size, links, accessedNs, modifiedNs] };
  }

  *#unlink(_numbers: Float64Array, path: string) {
    const { ops, rest } = this.files.mountOf(path);
    yield* ops.unlink(rest);
    return {};
  }

  *#mkdir(_numbers: Float64Array, path: string) {
    const { ops, rest } = this.files.mountOf(path);
    yield* ops.mkdir(rest);
    return {};
  }

  *#mkfifo(_numbers: Float64Array, path: string) {
    const { ops, rest } = this.files.mountOf(path);
    yield* ops.mkfifo(rest);
    return {};
  }

  /** A Streams Manager tells when the file was used as a stream. */
  *#touch([key, accessedNs, modifiedNs]: Float64Array) {
    this.files.file(key!).vnode!.touch(accessedNs!, modifiedNs!);
    return {};
  }

  /** lockf(), and what read() and write() ask for: 1 if it is done, 0 if others are in the way and will give way. */
  *#lock([key, pid, how, start, end]: Float64Array) {
    const file = this.files.file(key!);
    const section = { start: start!, end: end! };
    const lock = obstacle(this.#locks.of(key!), pid, section);
    const wanted = LOCKS[how!]!;
    if (lock !== undefined && wanted !== "ulock") {
      if (wanted === "tlock" || wanted === "test") throw new UnixError("EAGAIN");
      this.#locks.wait(pid!, lock.owner);
      return { numbers: [0] };
    }
    if (wanted === "ulock") this.#locks.free(key!, pid!, section);
    else if (wanted === "lock" || wanted === "tlock") this.#locks.take(key!, pid!, section);
    else return { numbers: [1] };
    file.lockVersion++;
    for (const port of [...file.opens.keys()]) yield* ask(this.#nucleus, port, [PM.postLocks, key!, ...packLocks(this.#locksOf(file))]);
    return { numbers: [1] };
  }

  #locksOf(file: FileRecord): PostedLocks {
    return { version: file.lockVersion, locks: this.#locks.of(file.key) };
  }

  *#sizeToken([port, key, write]: Float64Array) {
    return { numbers: [yield* this.files.file(key!).takeToken(port!, write === 1 ? "write" : "read")] };
  }

  /** The caller holds the Token to change the size. */
  *#truncate([port, key, from, accessedNs, modifiedNs, to]: Float64Array) {
    const file = this.files.file(key!);
    file.tell(port!, from!, accessedNs!, modifiedNs!);
    const vnode = file.vnode!;
    if (to! < from!) {
      yield* file.discardPages(Math.ceil(to! / PAGE_BYTES) * PAGE_BYTES);
      if (to! % PAGE_BYTES !== 0) yield* file.recallPages(to!, 1);
    }
    yield* this.files.opsOf(vnode.key).truncate(vnode, to!);
    return {};
  }

  *#sync([port, key, size, accessedNs, modifiedNs]: Float64Array) {
    const file = this.files.file(key!);
    file.tell(port!, size!, accessedNs!, modifiedNs!);
    yield* this.files.opsOf(key!).sync(file.vnode!);
    file.report();
    return {};
  }

  *#rawRead([offset, count]: Float64Array, _text: string, { response }: { response?: Area | undefined }) {
    return { bytes: yield* this.raw.transfer("read", offset!, count!, response!) };
  }

  *#rawWrite([offset, count]: Float64Array, _text: string, { body }: { body?: Area | undefined }) {
    return { numbers: [yield* this.raw.transfer("write", offset!, count!, body!)] };
  }
}
