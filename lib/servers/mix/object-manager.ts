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
import type { Errno } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MapperError, serveMapper } from "../../kernels/chorus/index.ts";
import type { Area, Grant, Mapper, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import { FileRecord } from "./file-record.ts";
import { OM, operations } from "./protocol.ts";
import type { Operation } from "./protocol.ts";
import { RawDisk } from "./raw-disk.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";
import type { SwapMapper } from "./swap.ts";
import { SWAP_KEYS } from "./swap.ts";
import type { Vnode, VnodeOps } from "./vnode.ts";

export interface ObjectManagerCosts {
  pullInNs: number;
  pushOutNs: number;
  getAccessNs: number;
  requestNs: number;
}

/** A file system: the path where it begins, its type, and where the keys of its files begin. */
export interface Mount {
  readonly prefix: string;
  readonly firstKey: number;
  readonly ops: VnodeOps;
}

export const KINDS = ["file", "directory"] as const;

export class ObjectManager implements Mapper {
  readonly server: Server;
  /** The file systems that are mounted; the first is the root. */
  readonly mounts: Mount[] = [];
  readonly raw: RawDisk;
  readonly #nucleus: Nucleus;
  readonly #costs: ObjectManagerCosts;
  readonly #swap: SwapMapper;
  readonly #files = new Map<number, FileRecord>();

  constructor(nucleus: Nucleus, structure: ServerStructure, costs: ObjectManagerCosts, swap: SwapMapper, raw: RawDisk) {
    this.#nucleus = nucleus;
    this.#costs = costs;
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
      [OM.sizeToken]: this.#sizeToken,
      [OM.truncate]: this.#truncate,
      [OM.sync]: this.#sync,
      [OM.rawRead]: this.#rawRead,
      [OM.rawWrite]: this.#rawWrite,
    };
    const bound = Object.fromEntries(Object.entries(table).map(([code, operation]) => [code, charged(operation.bind(this))]));
    this.server = new Server(nucleus, "Object Manager", structure, operations(bound, (invocation) => serveMapper(this, invocation)), true);
  }

  /** Pages of swap space that are free. */
  get freeSwapPages(): number {
    return this.#swap.freePages;
  }

  /** Everything cached anywhere goes to the disk and is forgotten. */
  *unmount(): Steps {
    for (const file of this.#files.values()) yield* file.recallPages();
    this.#files.clear();
    for (const { ops } of this.mounts.splice(0)) yield* ops.unmount();
  }

  /** The file of `key` will be gone: all sites forget its pages. */
  *discardPages(key: number): Steps {
    const file = this.#files.get(key);
    if (file !== undefined) yield* file.discardPages();
    this.#files.delete(key);
  }

  /** The key of the file with number `inode`, if anybody has used it since it was mounted. */
  keyOf(inode: number): number {
    for (const key of this.#files.keys()) if (this.#opsOf(key).inodeOf(key) === inode) return key;
    throw new UnixError("ENOENT");
  }

  // The mapper's side.

  *pullIn(request: PageRequest, page: Area): Steps<Grant> {
    this.#charge(this.#costs.pullInNs, "pullIn");
    if (request.key >= SWAP_KEYS) return yield* this.#swap.pullIn(request, page);
    return yield* this.#withVnode(request.key, (vnode, file) => this.#pullIn(vnode, file, request, page));
  }

  *getAccess(request: PageRequest): Steps<Grant> {
    this.#charge(this.#costs.getAccessNs, "getAccess");
    return yield* this.#withVnode(request.key, (vnode, file) => this.#getAccess(vnode, file, request));
  }

  *pushOut(request: PageRequest, page: Area): Steps<boolean> {
    this.#charge(this.#costs.pushOutNs, "pushOut");
    if (request.key >= SWAP_KEYS) return yield* this.#swap.pushOut(request, page);
    return yield* this.#withVnode(request.key, (vnode, file) => this.#pushOut(vnode, file, request, page));
  }

  create(): Steps<number> {
    return this.#swap.create();
  }

  release(key: number): Steps {
    return this.#swap.release(key);
  }

  *#pullIn(vnode: Vnode, file: FileRecord, request: PageRequest, page: Area): Steps<Grant> {
    if (request.access === "write") yield* this.#opsOf(vnode.key).allocate(vnode, request.offset);
    const grant = yield* file.grant(request, request.access);
    const ahead = file.shared || request.cache.port !== this.#nucleus.memory.port.ui ? undefined : grant.sequence;
    const possible = yield* this.#opsOf(vnode.key).pullIn(vnode, request, page, ahead);
    return { access: possible === "write" ? grant.access : request.access, sequence: grant.sequence };
  }

  *#getAccess(vnode: Vnode, file: FileRecord, request: PageRequest): Steps<Grant> {
    yield* this.#opsOf(vnode.key).allocate(vnode, request.offset);
    return { ...(yield* file.grant(request, "write")), access: "write" };
  }

  /** A failure shows at the file's next fsync(), whoever had the page pushed out. */
  *#pushOut(vnode: Vnode, file: FileRecord, request: PageRequest, page: Area): Steps<boolean> {
    const { control } = this.#nucleus.memory;
    const saved = (error?: Errno) => {
      if (error !== undefined) file.failure = new UnixError(error);
      control.pushedOut(request.cache.key, request.offset, error === undefined ? 0 : new UnixError(error).errno);
    };
    try {
      return yield* this.#opsOf(vnode.key).pushOut(vnode, request, page, saved);
    } catch (error) {
      if (error instanceof UnixError) file.failure = error;
      throw error;
    }
  }

  // The Process Managers' side.

  *#open([port, create, exclusive]: Float64Array, path: string) {
    const vnode = yield* this.#lookUp(path, { create: create === 1, exclusive: exclusive === 1 });
    const file = this.#file(vnode.key);
    yield* file.useLock.acquire();
    try {
      if (file.vnode === undefined) file.vnode = vnode;
      else yield* this.#opsOf(vnode.key).release(vnode);
      file.opens.set(port!, (file.opens.get(port!) ?? 0) + 1);
      const token = file.offerToken(port!) === undefined ? 0 : 1;
      return { numbers: [vnode.key, vnode.inode, KINDS.indexOf(vnode.kind), file.vnode.size, token] };
    } finally {
      file.useLock.release();
    }
  }

  /** The Process Manager behind `port` is done with `count` of its opens, all that it knows of. */
  *#close([port, key, count, size]: Float64Array) {
    const file = this.#file(key!);
    yield* file.useLock.acquire();
    try {
      file.tellSize(port!, size!);
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
      yield* this.#opsOf(vnode.key).trim(vnode);
    }
    yield* this.#opsOf(vnode.key).release(vnode);
  }

  *#stat(_numbers: Float64Array, path: string) {
    const vnode = yield* this.#lookUp(path, { create: false, exclusive: false });
    const file = this.#files.get(vnode.key);
    const size = file?.vnode === undefined ? vnode.size : yield* file.currentSize();
    yield* this.#opsOf(vnode.key).release(vnode);
    return { numbers: [vnode.inode, KINDS.indexOf(vnode.kind), size, vnode.links] };
  }

  *#unlink(_numbers: Float64Array, path: string) {
    const { ops, rest } = this.#mountOf(path);
    yield* ops.unlink(rest);
    return {};
  }

  *#mkdir(_numbers: Float64Array, path: string) {
    const { ops, rest } = this.#mountOf(path);
    yield* ops.mkdir(rest);
    return {};
  }

  *#sizeToken([port, key, write]: Float64Array) {
    return { numbers: [yield* this.#file(key!).takeToken(port!, write === 1 ? "write" : "read")] };
  }

  /** The caller holds the Token to change the size. */
  *#truncate([port, key, from, to]: Float64Array) {
    const file = this.#file(key!);
    file.tellSize(port!, from!);
    const vnode = file.vnode!;
    if (to! < from!) {
      yield* file.discardPages(Math.ceil(to! / PAGE_BYTES) * PAGE_BYTES);
      if (to! % PAGE_BYTES !== 0) yield* file.recallPages(to!, 1);
    }
    yield* this.#opsOf(vnode.key).truncate(vnode, to!);
    return {};
  }

  *#sync([port, key, size]: Float64Array) {
    const file = this.#file(key!);
    file.tellSize(port!, size!);
    yield* this.#opsOf(key!).sync(file.vnode!);
    file.report();
    return {};
  }

  *#rawRead([offset, count]: Float64Array, _text: string, { response }: { response?: Area | undefined }) {
    return { bytes: yield* this.raw.transfer("read", offset!, count!, response!) };
  }

  *#rawWrite([offset, count]: Float64Array, _text: string, { body }: { body?: Area | undefined }) {
    return { numbers: [yield* this.raw.transfer("write", offset!, count!, body!)] };
  }

  *#lookUp(path: string, options: { create: boolean; exclusive: boolean }): Steps<Vnode> {
    const { ops, rest } = this.#mountOf(path);
    return yield* ops.open(rest, options);
  }

  /** The type of the file system that `path` leads into, and the path within it. */
  #mountOf(path: string): { ops: VnodeOps; rest: string } {
    const mount = this.mounts.findLast(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (mount === undefined || mount.prefix === "") return { ops: this.mounts[0]!.ops, rest: path };
    return { ops: mount.ops, rest: path.slice(mount.prefix.length) || "/" };
  }

  /** The type of the file system that the file of `key` lies in. */
  #opsOf(key: number): VnodeOps {
    return this.mounts.findLast(({ firstKey }) => key >= firstKey)!.ops;
  }

  #file(key: number): FileRecord {
    let file = this.#files.get(key);
    if (file === undefined) this.#files.set(key, (file = new FileRecord(this.#nucleus, key)));
    return file;
  }

  /** Do `operation` on the file of `key`, open or not. @throws MapperError instead of UnixError */
  *#withVnode<T>(key: number, operation: (vnode: Vnode, file: FileRecord) => Steps<T>): Steps<T> {
    const file = this.#file(key);
    try {
      if (file.vnode !== undefined) return yield* operation(file.vnode, file);
      const vnode = yield* this.#opsOf(key).activate(key);
      try {
        return yield* operation(vnode, file);
      } finally {
        yield* this.#opsOf(vnode.key).release(vnode);
      }
    } catch (error) {
      if (error instanceof UnixError) throw new MapperError(error.errno);
      throw error;
    }
  }

  #charge(ns: number, what: string): void {
    this.#nucleus.machine.processor.charge(ns, what);
  }
}
