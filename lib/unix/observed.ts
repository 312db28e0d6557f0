/**
 * The Unix interface with a span around each call, for a trace.
 *
 * Layer: unix. All systems give programs the same interface, so what a program asked
 * for looks the same in the traces of all of them.
 */
import { NOWHERE } from "../engine/index.ts";
import type { Probe, Simulation, Space, Steps } from "../engine/index.ts";
import type { Program, Unix } from "./interface.ts";

/** How the names of these spans begin; the call's own name follows. */
export const SYSTEM_CALL = "System call ";

/** Where a program runs. */
export const USER_PROCESS: Space = { name: "user process", mode: "user" };

/** `unix`, with each call a span in the trace of `sim` whose value is the bytes that it moved; `unix` itself when there is no trace. */
export function observed(sim: Simulation, unix: Unix): Unix {
  const { probe } = sim;
  if (probe === undefined) return unix;
  const child = (program: unknown) => (own: Unix) => (program as Program<unknown>)(observed(sim, own)); // of fork()
  return aroundCalls(unix, (name, call, args) => whole(sim, probe, `${SYSTEM_CALL}${name}`, call(args.map((arg) => (typeof arg === "function" ? child(arg) : arg))), args));
}

/** `unix` with `around` around each call: it gets the call's name, the call and its arguments. */
export function aroundCalls(unix: Unix, around: (name: string, call: (args: unknown[]) => Steps<unknown>, args: unknown[]) => Steps<unknown>): Unix {
  return new Proxy(unix, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => Steps<unknown>;
      return (...args: unknown[]) => around(String(name), (given) => call.apply(target, given), args);
    },
  });
}

function* whole(sim: Simulation, probe: Probe, name: string, steps: Steps<unknown>, args: readonly unknown[]): Steps<unknown> {
  const thread = sim.running();
  probe.begin(thread, name, USER_PROCESS);
  let bytes = 0;
  for (const arg of args) if (arg instanceof Uint8Array) probe.move("store", NOWHERE, arg, arg.length, 0); // the program has made them
  try {
    const result = yield* steps;
    if (result instanceof Uint8Array) {
      bytes = result.length;
      probe.move("load", result, NOWHERE, bytes, 0); // and uses them
    } else if (name === `${SYSTEM_CALL}write`) bytes = result as number;
    return result;
  } finally {
    probe.end(thread, bytes);
  }
}
