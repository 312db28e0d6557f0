/**
 * The object descriptors of a Process Manager: one for each file in use on its site.
 *
 * Layer: servers/mix; sections 3.2.2 and 3.2.3. The Object Manager's messages about a
 * file can overtake its answer to the open() that makes the descriptor, and can come
 * while the descriptor is being given back; what they say is kept for the next one.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { Nucleus, UniqueIdentifier } from "../../kernels/chorus/index.ts";
import { ObjectDescriptor } from "./object-descriptor.ts";
import { ask, KINDS, OM, unpackLocks } from "./protocol.ts";
import type { PostedLocks } from "./protocol.ts";

/** What came before its descriptor. */
interface Early {
  /** The size Token was taken back. */
  recalled: boolean;
  locks: PostedLocks;
}

export class DescriptorTable {
  readonly #nucleus: Nucleus;
  readonly #manager: UniqueIdentifier;
  readonly #objectManager: UniqueIdentifier;
  readonly #descriptors = new Map<number, ObjectDescriptor>(); // by key
  readonly #early = new Map<number, Early>(); // by key

  /** For the Process Manager behind port `manager`; the files are those of the Object Manager behind `objectManager`. */
  constructor(nucleus: Nucleus, manager: UniqueIdentifier, objectManager: UniqueIdentifier) {
    this.#nucleus = nucleus;
    this.#manager = manager;
    this.#objectManager = objectManager;
  }

  /** The descriptor of a file that the Object Manager has opened, by what it answered: this site's one. */
  *obtain([key, kind, size, token, , ...locks]: readonly number[]): Steps<ObjectDescriptor> {
    for (;;) {
      const known = this.#descriptors.get(key!);
      if (known === undefined) break;
      if (known.closing === undefined) {
        known.opens++;
        known.users++;
        return known;
      }
      yield* known.closing.wait();
      this.#early.set(key!, { recalled: true, locks: known.locks }); // the Token went back with it
    }
    const early = this.#early.get(key!);
    this.#early.delete(key!);
    const offered = token === 1 && early?.recalled !== true;
    const capability = { port: this.#objectManager, key: key! };
    const descriptor = new ObjectDescriptor(this.#nucleus, this.#manager, capability, KINDS[kind!]!, size!, offered ? "write" : undefined);
    descriptor.post(unpackLocks(locks));
    if (early !== undefined) descriptor.post(early.locks);
    this.#descriptors.set(key!, descriptor);
    return descriptor;
  }

  /** One open file less stands for `descriptor`; with the last one the Object Manager gets everything back. */
  *put(descriptor: ObjectDescriptor): Steps {
    if (--descriptor.users > 0) return;
    descriptor.closing = new WaitQueue(this.#nucleus.machine.sim, `the closing of file ${descriptor.capability.key}`);
    const { port, key } = descriptor.capability;
    yield* ask(this.#nucleus, port, [OM.close, ...descriptor.report(), descriptor.opens]);
    this.#descriptors.delete(key);
    descriptor.closing.wakeAll();
  }

  /** The Object Manager wants the size Token of the file `key` back, or leaves it to be read; the size, and when the file was used. */
  *recall(key: number, keep: boolean): Steps<readonly number[]> {
    const descriptor = this.#descriptors.get(key);
    if (descriptor === undefined) {
      this.#earlyOf(key).recalled = true;
      return [0, 0, 0];
    }
    yield* descriptor.recall(keep);
    return descriptor.report().slice(2);
  }

  /** These are the locks on the file `key` from now on. */
  post(key: number, locks: PostedLocks): void {
    const descriptor = this.#descriptors.get(key);
    if (descriptor === undefined) this.#earlyOf(key).locks = locks;
    else descriptor.post(locks);
  }

  #earlyOf(key: number): Early {
    let early = this.#early.get(key);
    if (early === undefined) this.#early.set(key, (early = { recalled: false, locks: { version: 0, locks: [] } }));
    return early;
  }
}
