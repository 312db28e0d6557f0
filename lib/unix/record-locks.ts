/**
 * Locks on stretches of files, as lockf() of System V posts them: mandatory locks.
 *
 * Layer: unix; section 3.2.2 has the Process Manager check them. Here all locks are
 * mandatory, where System V asks for a mode bit that this interface cannot set. A
 * process that must wait for itself over others gets EDEADLK instead.
 */
import { WaitQueue } from "../engine/index.ts";
import type { Simulation, Steps } from "../engine/index.ts";
import { UnixError } from "../fs/errno.ts";
import type { LockFunction } from "./interface.ts";

/** What lockf() can do. */
export const lockFunctions: readonly LockFunction[] = ["lock", "tlock", "ulock", "test"];

/** The bytes from `start` to before `end`, which may be Infinity. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/** A section that is its owner's alone. */
export interface RecordLock<O> extends Section {
  readonly owner: O;
}

/** The first of `locks` that keeps `owner`, or anybody, from using any of `section`. */
export function obstacle<O>(locks: readonly RecordLock<O>[], owner: O | undefined, { start, end }: Section): RecordLock<O> | undefined {
  return locks.find((lock) => lock.owner !== owner && lock.start < end && start < lock.end);
}

/** What lockf() is about: `bytes` bytes from `offset` on; before it, if negative; all from there on, if 0. @throws EINVAL for a function that is none, too */
export function sectionAt(offset: number, how: LockFunction, bytes: number): Section {
  if (!lockFunctions.includes(how)) throw new UnixError("EINVAL");
  if (!Number.isSafeInteger(bytes) || offset + Math.min(bytes, 0) < 0) throw new UnixError("EINVAL");
  if (bytes === 0) return { start: offset, end: Infinity };
  return bytes > 0 ? { start: offset, end: offset + bytes } : { start: offset + bytes, end: offset };
}

/** The locks of all files; who owns one is up to the system. */
export class RecordLocks<O> {
  readonly #locks = new Map<number, readonly RecordLock<O>[]>(); // by file
  readonly #waits = new Map<O, O>(); // who waits for whose lock

  /** The locks on `file`. */
  of(file: number): readonly RecordLock<O>[] {
    return this.#locks.get(file) ?? [];
  }

  /** Give `section` to `owner`, whom nothing must keep from it. */
  take(file: number, owner: O, section: Section): void {
    this.#locks.set(file, [...this.#without(file, owner, section), { owner, ...section }]);
  }

  /** Take what `owner` has of `section` away. Those who wait for it look again. */
  free(file: number, owner: O, section: Section): void {
    const left = this.#without(file, owner, section);
    if (left.length > 0) this.#locks.set(file, left);
    else this.#locks.delete(file);
    for (const [waiter, holder] of this.#waits) if (holder === owner) this.#waits.delete(waiter);
  }

  /** `owner` is going to wait for a lock of `holder`. @throws EDEADLK if `holder` waits for `owner`, over others or not */
  wait(owner: O, holder: O): void {
    for (let one: O | undefined = holder; one !== undefined; one = this.#waits.get(one)) if (one === owner) throw new UnixError("EDEADLK");
    this.#waits.set(owner, holder);
  }

  /** The locks on `file` less what `owner` has of `section`. */
  #without(file: number, owner: O, { start, end }: Section): RecordLock<O>[] {
    return this.of(file).flatMap((lock) => {
      if (lock.owner !== owner || lock.end <= start || end <= lock.start) return [lock];
      return [{ ...lock, end: start }, { ...lock, start: end }].filter((rest) => rest.start < rest.end);
    });
  }
}

/** The same, with processes that sleep until they can have what they ask for: the locks of a kernel. */
export class KernelLocks<O> {
  readonly #locks = new RecordLocks<O>();
  readonly #freed: WaitQueue;

  constructor(sim: Simulation) {
    this.#freed = new WaitQueue(sim, "a lock on part of a file");
  }

  /** lockf(). @throws EAGAIN, EDEADLK */
  *lockf(file: number, owner: O, how: LockFunction, section: Section): Steps {
    if (how === "ulock") return this.free(file, owner, section);
    if (how === "tlock" || how === "test") this.refuse(file, owner, section);
    else yield* this.pass(file, owner, section);
    if (how !== "test") this.#locks.take(file, owner, section);
  }

  /** Sleep until nobody keeps `owner` from using `section`. @throws EDEADLK */
  *pass(file: number, owner: O, section: Section): Steps {
    for (;;) {
      const lock = obstacle(this.#locks.of(file), owner, section);
      if (lock === undefined) return;
      this.#locks.wait(owner, lock.owner);
      yield* this.#freed.wait();
    }
  }

  /** @throws EAGAIN if somebody keeps `owner`, or anybody, from using `section` */
  refuse(file: number, owner: O | undefined, section: Section): void {
    if (obstacle(this.#locks.of(file), owner, section) !== undefined) throw new UnixError("EAGAIN");
  }

  /** Take what `owner` has of `section` away. */
  free(file: number, owner: O, section: Section): void {
    this.#locks.free(file, owner, section);
    this.#freed.wakeAll();
  }
}

/** All of a file. */
export const WHOLE: Section = { start: 0, end: Infinity };
