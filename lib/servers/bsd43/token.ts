/**
 * The Token: who may use a file's pointer, size and window (sections 3.1.2, 4.1).
 *
 * Layer: servers/bsd43. In a descriptor it is active (being used), passive (here,
 * and free to be used again without a message) or invalid (elsewhere). There is
 * one for each file; the server knows where, and takes it from a passive holder at
 * once, from an active one when it calls back.
 */
import { step } from "./protocol.ts";
import type { Event, Point, Protocol } from "./protocol.ts";
import { serverLock, serverUnlock, shareLock, shareUnlock } from "./share-lock.ts";
import type { TokenDescriptor } from "./shared-pages.ts";

export type TokenState = "active" | "passive" | "invalid";

/** The state of the Token in `d`. */
export function tokenState(d: TokenDescriptor): TokenState {
  if (d.control === 0) return "invalid";
  return d.inUse === 0 ? "passive" : "active";
}

/** The server's side of one file's Token. */
export interface Token<D> {
  /** Where it is. */
  holder: D | undefined;
  /** It is being taken or given; others who want it wait. */
  moving: boolean;
  /** It is being taken over from its holder. */
  leaving: boolean;
  /** Woken when either changes. */
  readonly changed: Event;
  /** Woken when a library has released a share lock that the server waits for. */
  readonly released: Event;
}

const LOOK = step("library: sees the Token");

/** The library makes the Token active: from passive without a message, else the server is asked. */
export function* takeToken<D extends TokenDescriptor>(d: D): Protocol<D> {
  yield* shareLock(d);
  const here = d.control === 1;
  yield LOOK;
  if (here) d.inUse = 1;
  yield* shareUnlock(d);
  if (!here) yield { kind: "call", at: "token_request", descriptor: d };
}

/** The library has used the Token: it becomes passive, or goes to the server if somebody wants it. */
export function* leaveToken<D extends TokenDescriptor>(d: D, mayStay: boolean): Protocol<D> {
  yield* shareLock(d);
  const stays = d.wanted === 0 && mayStay;
  yield LOOK;
  if (stays) d.inUse = 0;
  yield* shareUnlock(d);
  if (!stays) yield { kind: "call", at: "token_release", descriptor: d };
}

/** The server, asked with token_request: get the Token from wherever it is and make it active in `d`. */
export function* grantToken<D extends TokenDescriptor>(token: Token<D>, d: D): Protocol<D> {
  yield* takeOver(token, d); // who asks does not have it, whatever the server thought
  if (!(yield* recallToken(token, d))) return;
  yield { kind: "work", at: "grant", descriptor: d };
  d.wanted = 0;
  d.inUse = 1;
  d.control = 1;
  token.holder = d;
  letGo(token);
}

/**
 * The server gets the Token from its holder, if that is not `keeper`, and keeps it until it lets go.
 * False, and nothing to let go, if the process that wants it was killed while it waited.
 */
export function* recallToken<D extends TokenDescriptor>(token: Token<D>, keeper?: D): Protocol<D, boolean> {
  while (token.moving) {
    if (!(yield { kind: "wait", at: "server: waits for its turn", event: token.changed, until: () => !token.moving, unless: "killed" })) return false;
  }
  token.moving = true;
  yield step("server: has its turn");
  while (token.holder !== undefined && token.holder !== keeper) {
    const holder = token.holder;
    if (!(yield* serverLock(holder, token.released))) {
      if (!token.leaving) yield* disown(token, holder);
      else yield { kind: "work", at: "kill", descriptor: holder };
      if (token.holder === holder && !(yield left(token, holder, "killed"))) return givenUp(token);
      continue;
    }
    if (token.holder === holder && !token.leaving && holder.control !== 1) { // it is there, and the descriptor denies it
      serverUnlock(holder);
      yield* disown(token, holder);
      continue;
    }
    const passive = holder.control === 1 && holder.inUse === 0;
    yield step("server: sees the Token");
    if (passive && holder.control === 1) { // else it has been closed meanwhile, and is on its way back
      holder.control = 0;
      serverUnlock(holder);
      yield* takeOver(token, holder);
    } else {
      holder.wanted = 1;
      serverUnlock(holder);
      if (!(yield left(token, holder, "killed"))) return givenUp(token);
    }
  }
  return true;
}

/** The holder is killed, and nothing that it says is believed. */
function* disown<D>(token: Token<D>, holder: D): Protocol<D> {
  token.holder = undefined;
  yield { kind: "work", at: "disown", descriptor: holder };
  yield { kind: "work", at: "kill", descriptor: holder };
}

function givenUp(token: Token<unknown>): false {
  letGo(token);
  return false;
}

/** The server ends what recallToken began. */
export function letGo<D>(token: Token<D>): void {
  token.moving = false;
  token.changed.wakeAll();
}

/** The server, called back with token_release: the Token is invalid in `d`, and nobody has it. */
export function* releaseToken<D extends TokenDescriptor>(token: Token<D>, d: D): Protocol<D> {
  d.control = 0;
  d.inUse = 0;
  d.wanted = 0;
  yield* takeOver(token, d);
}

/** Sleep until the Token has left `d`. */
function left<D>(token: Token<D>, d: D, unless?: "killed"): Point<D> {
  return { kind: "wait", at: "server: waits for the Token", event: token.changed, until: () => token.holder !== d, unless };
}

/** The server takes over what the Token protects from `d`, if it is there; nobody has it then. One thread does it, another waits. */
function* takeOver<D extends TokenDescriptor>(token: Token<D>, d: D): Protocol<D> {
  if (token.holder !== d) return;
  if (token.leaving) {
    yield left(token, d);
    return;
  }
  token.leaving = true;
  const believed = yield { kind: "work", at: "absorb", descriptor: d };
  token.leaving = false;
  token.holder = undefined;
  token.changed.wakeAll();
  if (!believed) yield { kind: "work", at: "kill", descriptor: d };
}
