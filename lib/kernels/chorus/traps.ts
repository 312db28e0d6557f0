/**
 * Traps and interrupts, connected by actors in supervisor space: section 2.
 *
 * Layer: kernels/chorus; arrow 0 of figure 4-2. The nucleus knows no device but the
 * clock and no system call but its own: it hands what comes to the handler that an
 * actor connected.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { contextOf } from "./actor.ts";
import type { Actor } from "./actor.ts";
import { NucleusError } from "./error.ts";
import type { Nucleus } from "./nucleus.ts";

/** Serves a trap on the trapping thread; `frame` stands for its user stack frame. */
export type TrapHandler<F = unknown, R = unknown> = (frame: F) => Steps<R>;

interface Connection {
  readonly actor: Actor;
  readonly handler: TrapHandler;
}

export class Traps {
  readonly #nucleus: Nucleus;
  readonly #traps = new Map<number, Connection>();
  readonly #interrupts = new Map<string, () => void>();

  constructor(nucleus: Nucleus) {
    this.#nucleus = nucleus;
  }

  /** svTrapConnect(): `handler` of `actor` serves trap `number` from now on. @throws NucleusError notSupervisor */
  svTrapConnect<F, R>(actor: Actor, number: number, handler: TrapHandler<F, R>): void {
    requireSupervisor(actor, "a trap handler");
    this.#traps.set(number, { actor, handler: handler as TrapHandler });
  }

  /** Connect `handler` of `actor` to the interrupts of `line`. It cannot wait. @throws NucleusError notSupervisor */
  svInterruptConnect(actor: Actor, line: string, handler: () => void): void {
    requireSupervisor(actor, "an interrupt handler");
    this.#interrupts.set(line, handler);
  }

  /** The running user thread traps. Without a handler the nucleus comes straight back: the null trap of Table 5-2. */
  trap<F, R>(number: number, frame: F): Steps<R | undefined> {
    return spanned(this.#nucleus.machine.sim, "trap", this.#trap<F, R>(number, frame), this.#nucleus.own);
  }

  *#trap<F, R>(number: number, frame: F): Steps<R | undefined> {
    const { machine, costs, counters } = this.#nucleus;
    const connection = this.#traps.get(number);
    counters.traps++;
    machine.processor.charge(costs.trapNs, "Trap to Unix");
    if (connection === undefined) return undefined;
    machine.processor.charge(costs.trapRedirectNs, "Trap to Unix");
    machine.sim.probe?.instant(`trap ${number} to ${connection.actor.name}`);
    const context = contextOf(machine.sim.running());
    const caller = context.actor;
    context.actor = connection.actor;
    try {
      return (yield* spanned(machine.sim, connection.actor.name, () => connection.handler(frame), connection.actor)) as R;
    } finally {
      context.actor = caller;
    }
  }

  /** A device raises `line`: steal the time it takes to get to the connected handler, then run it. */
  interrupt(line: string): void {
    const { machine, costs } = this.#nucleus;
    machine.processor.interrupt(line, costs.interruptNs, () => this.interrupted(line));
  }

  /** The processor has taken an interrupt of `line`, whose time the machine has charged: run the connected handler. */
  interrupted(line: string): void {
    this.#nucleus.counters.interrupts++;
    this.#interrupts.get(line)?.();
  }
}

/** @throws NucleusError notSupervisor */
export function requireSupervisor(actor: Actor, what: string): void {
  if (actor.mode !== "supervisor") throw new NucleusError("notSupervisor", `${actor.name} runs in user space and cannot connect ${what}`);
}
