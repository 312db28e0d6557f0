/**
 * Object descriptors: what a Process Manager keeps for each file in use on its site.
 *
 * Layer: servers/mix; sections 3.2.2 and 3.2.3. All opens of a file share one. It has
 * the file's capability, its size under a Token that the Object Manager can recall,
 * the mandatory locks posted against the file, and its access and modification times.
 */
import { Lock, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { FileKind } from "../../fs/layout.ts";
import type { Access, Capability, Nucleus } from "../../kernels/chorus/index.ts";
import { obstacle } from "../../unix/record-locks.ts";
import type { Section } from "../../unix/record-locks.ts";
import { ask, LOCKS, OM } from "./protocol.ts";
import type { PostedLocks } from "./protocol.ts";

export class ObjectDescriptor {
  readonly capability: Capability;
  readonly kind: FileKind;
  /** The mandatory locks posted against the file, by pid. */
  locks: PostedLocks = { version: 0, locks: [] };
  /** When it was last read and written here. */
  accessedNs = 0;
  modifiedNs = 0;
  /** How often the Object Manager has opened the file for this site. */
  opens = 1;
  /** Open files of this site that stand for it. */
  users = 1;
  /** Being given back; those who open the file again wait for it here. */
  closing: WaitQueue | undefined = undefined;
  /** Held by who changes the size, or could. */
  readonly changing: Lock;
  readonly #nucleus: Nucleus;
  readonly #manager: number; // the port by which the Object Manager knows this site
  readonly #posted: WaitQueue;
  #size: number;
  #token: Access | undefined;

  constructor(nucleus: Nucleus, manager: number, capability: Capability, kind: FileKind, size: number, token: Access | undefined) {
    this.#nucleus = nucleus;
    this.#manager = manager;
    this.capability = capability;
    this.kind = kind;
    this.#size = size;
    this.#token = token;
    this.#posted = new WaitQueue(nucleus.machine.sim, "a lock on part of a file");
    this.changing = new Lock(nucleus.machine.sim, `changes of file ${capability.key}`);
  }

  /** The size as this site last knew it; the truth while it has the Token. */
  get knownSize(): number {
    return this.#size;
  }

  /** Whether the size is known for sure, or may even be changed, without asking anybody. */
  holds(access: Access): boolean {
    return this.#token === "write" || (this.#token === "read" && access === "read");
  }

  /** The size, with the Token to read it, or with that to change it. A recall can take it again at any time that the caller waits. */
  *size(access: Access): Steps<number> {
    while (!this.holds(access)) {
      const request = [OM.sizeToken, this.#manager, this.capability.key, access === "write" ? 1 : 0];
      const { numbers } = yield* ask(this.#nucleus, this.capability.port, request);
      this.#size = numbers[0]!;
      if (this.#token !== "write") this.#token = access;
    }
    return this.#size;
  }

  /** The file is `bytes` long now. The Token to change it must be here. */
  setSize(bytes: number): void {
    this.#size = bytes;
  }

  /** For the Object Manager: which site and file, and what this site knows of it. */
  report(): [manager: number, key: number, size: number, accessedNs: number, modifiedNs: number] {
    return [this.#manager, this.capability.key, this.#size, this.accessedNs, this.modifiedNs];
  }

  /** The Object Manager takes the Token back, or leaves it to be read. Who is changing the file is let finish first. */
  *recall(keep: boolean): Steps {
    const changer = this.holds("write"); // who changes the file without the Token may be waiting for this very recall
    if (changer) yield* this.changing.acquire();
    this.#token = keep && this.#token !== undefined ? "read" : undefined;
    if (changer) this.changing.release();
  }

  /** These are the locks from now on, unless later ones are known. */
  post(posted: PostedLocks): void {
    if (posted.version <= this.locks.version) return;
    this.locks = posted;
    this.#posted.wakeAll();
  }

  /** Whether a mandatory lock of another process covers any of the bytes. */
  lockedFor(pid: number, start: number, bytes: number): boolean {
    const { locks } = this.locks;
    return locks.length > 0 && obstacle(locks, pid, { start, end: start + bytes }) !== undefined;
  }

  /** Do `how` for process `pid`, sleeping as long as others are in the way. @throws UnixError EAGAIN, EDEADLK */
  *lockf(pid: number, how: (typeof LOCKS)[number], { start, end }: Section): Steps {
    for (;;) {
      const { version } = this.locks;
      const { numbers } = yield* ask(this.#nucleus, this.capability.port, [OM.lock, this.capability.key, pid, LOCKS.indexOf(how), start, end]);
      if (numbers[0] === 1) return;
      while (this.locks.version === version) yield* this.#posted.wait();
    }
  }
}
