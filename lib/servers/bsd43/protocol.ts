/**
 * Protocols between library and server, step by step.
 *
 * Layer: servers/bsd43. The Token and the share lock are protocols over shared
 * memory, where a step of one side may come between any two of the other. They are
 * written as generators that stop wherever that can happen. The system drives them
 * in simulated time; a search can drive the same code through every order of steps.
 */

/** Something that waiters are told of. */
export interface Event {
  wakeAll(): void;
}

/** Where a protocol stops, and what it needs to go on. */
export type Point<D> =
  /** Nothing: others may come in between. */
  | { readonly kind: "step"; readonly at: string }
  /** Try again after the others have had a turn. */
  | { readonly kind: "spin"; readonly at: string }
  /** A message to the server, and its answer. */
  | { readonly kind: "call"; readonly at: "token_request" | "token_release" | "lock_wakeup"; readonly descriptor: D }
  /** Sleep until `until` holds; the answer is false if it did not in the time that a lock may be held, or before the process that waits was killed. */
  | { readonly kind: "wait"; readonly at: string; readonly event: Event; readonly until: () => boolean; readonly unless: "late" | "killed" | undefined }
  /** The server's work on the state that the Token protects; the answer is false when it cannot believe what it finds. */
  | { readonly kind: "work"; readonly at: "absorb" | "disown" | "grant" | "kill"; readonly descriptor: D };

export type Protocol<D, T = void> = Generator<Point<D>, T, boolean>;

const steps = new Map<string, { kind: "step"; at: string }>();

/** The point called `at` at which others may come in between. */
export function step(at: string): { kind: "step"; at: string } {
  let point = steps.get(at);
  if (point === undefined) steps.set(at, (point = { kind: "step", at }));
  return point;
}
