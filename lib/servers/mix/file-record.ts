/**
 * What the Object Manager knows of a file besides its vnode: who caches its pages, who
 * has its size.
 *
 * Layer: servers/mix; sections 3.2.2 and 3.2.3. Local caches on several sites can hold
 * pages of one file: many that are only read, or one that may be written. The size is
 * protected by a Token that Process Managers hold, likewise. Whatever is in the way of
 * a request is recalled first.
 */
import { Lock } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Access, Capability, Grant, Nucleus, PageRequest, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import { ask, PM } from "./protocol.ts";
import type { Vnode } from "./vnode.ts";

/** A local cache of the file and what it may do with pages; one without an entry has the first cache's right to all, or another's to none. */
interface CacheRecord {
  readonly capability: Capability;
  readonly rights: Map<number, Access | "none">;
  readonly others: Access | "none";
}

export class FileRecord {
  readonly key: number;
  /** In use by open descriptors: undefined when the file is closed everywhere. */
  vnode: Vnode | undefined = undefined;
  /** Sites that have the file open, by the port of their Process Manager, and how often. */
  readonly opens = new Map<UniqueIdentifier, number>();
  /** A page that could not be saved, which nobody has been told yet. */
  failure: UnixError | undefined = undefined;
  /** Grows with each change of the locks on the file. */
  lockVersion = 0;
  /** Held while the file comes into use or goes out of use. */
  readonly useLock: Lock;
  readonly #nucleus: Nucleus;
  readonly #caches: CacheRecord[] = [];
  readonly #tokens = new Map<UniqueIdentifier, Access>();
  readonly #recalls: Lock;
  readonly #sizeLock: Lock;
  #sequence = 0;

  constructor(nucleus: Nucleus, key: number) {
    this.#nucleus = nucleus;
    this.key = key;
    this.useLock = new Lock(nucleus.machine.sim, `opening and closing file ${key}`);
    this.#recalls = new Lock(nucleus.machine.sim, `recalls of pages of file ${key}`);
    this.#sizeLock = new Lock(nucleus.machine.sim, `the size of file ${key}`);
  }

  /** Pages of the file are in more than one local cache. */
  get shared(): boolean {
    return this.#caches.length > 1;
  }

  /** Take from other caches what stands against `request`; the grant that may then be made, should the page be writable at all. */
  *grant({ cache, offset }: PageRequest, access: Access): Steps<Grant> {
    const own = this.#record(cache);
    if (!this.shared) return { access: "write", sequence: ++this.#sequence };
    const page = offset / PAGE_BYTES;
    yield* this.#recalls.acquire();
    try {
      for (const other of this.#caches) {
        const right = other.rights.get(page) ?? other.others;
        if (other === own || right === "none" || (right === "read" && access === "read")) continue;
        const keep = access === "read" ? "read" : "nothing";
        yield* this.#nucleus.memory.control.flush(other.capability, offset, PAGE_BYTES, keep, ++this.#sequence);
        other.rights.set(page, keep === "read" ? "read" : "none");
      }
      own.rights.set(page, access);
      return { access, sequence: ++this.#sequence };
    } finally {
      this.#recalls.release();
    }
  }

  /** Have all caches save and forget their pages around byte `offset`, or all of them. */
  *recallPages(offset = 0, bytes = Infinity): Steps {
    for (const { capability } of this.#caches) yield* this.#nucleus.memory.control.flush(capability, offset, bytes, "nothing", ++this.#sequence);
  }

  /** Have all caches throw their pages from byte `offset` on away. */
  *discardPages(offset = 0): Steps {
    for (const { capability } of this.#caches) yield* this.#nucleus.memory.control.discardRemote(capability, offset, Infinity);
  }

  /** Tell that a page could not be saved, once. @throws UnixError EIO */
  report(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Let the Process Manager behind `port` have the size Token: to read it together with others, or to change it alone. */
  *takeToken(port: UniqueIdentifier, access: Access): Steps<number> {
    yield* this.#sizeLock.acquire();
    try {
      for (const [holder, held] of this.#tokens) {
        if (holder !== port && (access === "write" || held === "write")) yield* this.#recallToken(holder, access === "read" ? "read" : undefined);
      }
      if (this.#tokens.get(port) !== "write") this.#tokens.set(port, access);
      return this.vnode!.size;
    } finally {
      this.#sizeLock.release();
    }
  }

  /** The Token if it is to be had without recalling it: nobody else has it. */
  offerToken(port: UniqueIdentifier): Access | undefined {
    if (this.#sizeLock.holder !== undefined || [...this.#tokens.keys()].some((holder) => holder !== port)) return undefined;
    this.#tokens.set(port, "write");
    return "write";
  }

  /** Learn the size as it is now, and when the file was used, wherever the Token is. */
  *refresh(): Steps {
    yield* this.#sizeLock.acquire();
    try {
      for (const holder of [...this.#tokens.keys()]) yield* this.#recallToken(holder, "read");
    } finally {
      this.#sizeLock.release();
    }
  }

  /** What the Process Manager behind `port` knows: its size counts if it has the Token to change it, its times if they are later. */
  tell(port: UniqueIdentifier, size: number, accessedNs: number, modifiedNs: number): void {
    const vnode = this.vnode!;
    if (this.#tokens.get(port) === "write") vnode.size = size;
    vnode.touch(accessedNs, modifiedNs);
  }

  /** The Process Manager behind `port` does not use the file any more. */
  dropToken(port: UniqueIdentifier): void {
    this.#tokens.delete(port);
  }

  *#recallToken(holder: UniqueIdentifier, keep: "read" | undefined): Steps {
    const { numbers } = yield* ask(this.#nucleus, holder, [PM.recallSize, this.key, keep === "read" ? 1 : 0]);
    const [size, accessedNs, modifiedNs] = numbers;
    this.tell(holder, size!, accessedNs!, modifiedNs!);
    if (keep === undefined) this.#tokens.delete(holder);
    else this.#tokens.set(holder, keep);
  }

  #record(capability: Capability): CacheRecord {
    for (const record of this.#caches) if (record.capability.port === capability.port && record.capability.key === capability.key) return record;
    // A site has one local cache of a segment at a time: an earlier one of the same site is gone.
    const old = this.#caches.findIndex((record) => record.capability.port === capability.port);
    if (old >= 0) this.#caches.splice(old, 1);
    const record: CacheRecord = { capability, rights: new Map(), others: this.#caches.length === 0 ? "write" : "none" };
    this.#caches.push(record);
    return record;
  }
}
