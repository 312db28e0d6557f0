/**
 * The Object Manager as the mapper of files: pullIn, getAccess, pushOut.
 *
 * Layer: servers/mix; sections 4.3.3 and 4.4. Pages are pulled in and pushed out
 * through vnode_ops. Write permission is granted when blocks are there to write to. It
 * is the default mapper too: keys of temporary segments mean pages of swap space.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import type { Errno } from "../../fs/errno.ts";
import type { Area, Grant, Mapper, Nucleus, PageRequest } from "../../kernels/chorus/index.ts";
import type { FileRecord } from "./file-record.ts";
import type { FileTable } from "./file-table.ts";
import type { SwapMapper } from "./swap.ts";
import { SWAP_KEYS } from "./swap.ts";
import type { Vnode } from "./vnode.ts";

export interface MapperCosts {
  pullInNs: number;
  pushOutNs: number;
  getAccessNs: number;
}

export class FileMapper implements Mapper {
  readonly #nucleus: Nucleus;
  readonly #costs: MapperCosts;
  readonly #files: FileTable;
  readonly #swap: SwapMapper;

  constructor(nucleus: Nucleus, costs: MapperCosts, files: FileTable, swap: SwapMapper) {
    this.#nucleus = nucleus;
    this.#costs = costs;
    this.#files = files;
    this.#swap = swap;
  }

  *pullIn(request: PageRequest, page: Area): Steps<Grant> {
    this.#charge(this.#costs.pullInNs, "pullIn");
    if (request.key >= SWAP_KEYS) return yield* this.#swap.pullIn(request, page);
    return yield* this.#files.withVnode(request.key, (vnode, file) => this.#pullIn(vnode, file, request, page));
  }

  *getAccess(request: PageRequest): Steps<Grant> {
    this.#charge(this.#costs.getAccessNs, "getAccess");
    return yield* this.#files.withVnode(request.key, (vnode, file) => this.#getAccess(vnode, file, request));
  }

  *pushOut(request: PageRequest, page: Area): Steps<boolean> {
    this.#charge(this.#costs.pushOutNs, "pushOut");
    if (request.key >= SWAP_KEYS) return yield* this.#swap.pushOut(request, page);
    return yield* this.#files.withVnode(request.key, (vnode, file) => this.#pushOut(vnode, file, request, page));
  }

  create(): Steps<number> {
    return this.#swap.create();
  }

  release(key: number): Steps {
    return this.#swap.release(key);
  }

  *#pullIn(vnode: Vnode, file: FileRecord, request: PageRequest, page: Area): Steps<Grant> {
    const ops = this.#files.opsOf(vnode.key);
    if (request.access === "write") yield* ops.allocate(vnode, request.offset);
    const grant = yield* file.grant(request, request.access);
    const ahead = file.shared || request.cache.port !== this.#nucleus.memory.port.ui ? undefined : grant.sequence;
    const possible = yield* ops.pullIn(vnode, request, page, ahead);
    return { access: possible === "write" ? grant.access : request.access, sequence: grant.sequence };
  }

  *#getAccess(vnode: Vnode, file: FileRecord, request: PageRequest): Steps<Grant> {
    yield* this.#files.opsOf(vnode.key).allocate(vnode, request.offset);
    return { ...(yield* file.grant(request, "write")), access: "write" };
  }

  /** A failure shows at the file's next fsync(), whoever had the page pushed out. */
  *#pushOut(vnode: Vnode, file: FileRecord, request: PageRequest, page: Area): Steps<boolean> {
    const { control } = this.#nucleus.memory;
    const saved = (error?: Errno) => {
      const failure = error === undefined ? undefined : new UnixError(error);
      file.failure ??= failure;
      control.pushedOut(request.cache.key, request.offset, failure?.errno ?? 0);
    };
    try {
      return yield* this.#files.opsOf(vnode.key).pushOut(vnode, request, page, saved);
    } catch (error) {
      if (error instanceof UnixError) file.failure ??= error;
      throw error;
    }
  }

  #charge(ns: number, what: string): void {
    this.#nucleus.machine.processor.charge(ns, what);
  }
}
