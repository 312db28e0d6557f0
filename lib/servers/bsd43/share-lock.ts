/**
 * The share lock: protects a descriptor in the shared page (section 4.1.1).
 *
 * Layer: servers/bsd43. "The share lock is implemented as a simple spin lock in the
 * Emulation Library and as a test-and-set and block with timeout in the server":
 * the server does not trust the library, and a library that does not release the
 * lock in time is taken for malicious.
 */
import { step } from "./protocol.ts";
import type { Event, Point, Protocol } from "./protocol.ts";
import type { TokenDescriptor } from "./shared-pages.ts";

/** One instruction: take the lock if it is free. */
function testAndSet(d: TokenDescriptor): boolean {
  if (d.lock !== 0) return false;
  d.lock = 1;
  return true;
}

const SPIN = { kind: "spin", at: "share_lock: spins" } as const;
const TAKEN = step("share_lock: taken");
const FREE = step("share_unlock: free");
const ASKED = step("server lock: asked for a callback");

/** share_lock: the library's side. */
export function* shareLock<D extends TokenDescriptor>(d: D): Protocol<D> {
  while (!testAndSet(d)) yield SPIN;
  yield TAKEN;
}

/** share_unlock: the library's side; a waiting server is called back. */
export function* shareUnlock<D extends TokenDescriptor>(d: D): Protocol<D> {
  d.lock = 0;
  yield FREE;
  if (d.needWakeup === 0) return;
  d.needWakeup = 0;
  yield { kind: "call", at: "lock_wakeup", descriptor: d };
}

/** The server takes the lock; false when the library has held it too long. `released` is woken by lock_wakeup. */
export function* serverLock<D extends TokenDescriptor>(d: D, released: Event): Protocol<D, boolean> {
  while (!testAndSet(d)) {
    d.needWakeup = 1;
    yield ASKED;
    if (testAndSet(d)) {
      d.needWakeup = 0; // it was released before the library could see the wish
      return true;
    }
    const wait: Point<D> = { kind: "wait", at: "server lock: waits", event: released, until: () => d.needWakeup === 0 || d.lock === 0, unless: "late" };
    if (!(yield wait)) return false;
  }
  return true;
}

/** The server gives the lock back; a spinning library will see it. */
export function serverUnlock(d: TokenDescriptor): void {
  d.lock = 0;
}
