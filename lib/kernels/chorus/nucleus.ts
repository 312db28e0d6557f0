/**
 * The CHORUS Nucleus of one site: section 2.
 *
 * Layer: kernels/chorus. It offers actors, threads, ports, messages, segments and
 * regions, and hands traps and interrupts to whom they belong; it knows no device but
 * the clock. Each part is an object: nucleus.ipc.ipcCall(), nucleus.memory.sgRead(),
 * nucleus.traps.svTrapConnect(), nucleus.names.portCreate().
 */
import type { Simulation, Steps, Thread } from "../../engine/index.ts";
import type { Memory } from "../../hardware/memory.ts";
import type { Processor } from "../../hardware/processor.ts";
import { Actor, contextOf, ThreadContext } from "./actor.ts";
import type { Mode } from "./actor.ts";
import { AddressSpace } from "./address-space.ts";
import type { Copier } from "./area.ts";
import type { NucleusCosts } from "./costs.ts";
import { newCounters } from "./counters.ts";
import { Ipc } from "./ipc.ts";
import { VirtualMemory } from "./memory.ts";
import { Names } from "./names.ts";
import { Network } from "./network.ts";
import type { Parcel } from "./network.ts";
import { Traps } from "./traps.ts";
import { UniqueIdentifierSource } from "./unique-identifier.ts";
import type { Site, UniqueIdentifier } from "./unique-identifier.ts";
import type { Wire } from "./wire.ts";

/** What the nucleus needs of its machine. */
export interface NucleusMachine extends Copier {
  readonly sim: Simulation;
  readonly processor: Processor;
  readonly memory: Memory;
  bzero(address: number, count: number): void;
}

export interface NucleusOptions {
  readonly site?: Site;
  /** The wire to other sites. */
  readonly wire?: Wire<Parcel>;
  /** A search for a port on other sites gives up after this. */
  readonly findTimeoutNs?: number;
  /** Pages that may be on their way to mappers at once; it matters for mappers that answer before they have saved a page. */
  readonly mostPushOuts?: number;
}

export class Nucleus {
  readonly machine: NucleusMachine;
  readonly costs: NucleusCosts;
  readonly site: Site;
  readonly counters = newCounters();
  readonly identifiers: UniqueIdentifierSource;
  /** The actor of the nucleus itself. */
  readonly own: Actor;
  readonly names: Names;
  readonly ipc: Ipc;
  readonly memory: VirtualMemory;
  readonly traps: Traps;
  readonly network: Network;
  readonly #actors = new Map<UniqueIdentifier, Actor>();
  #loaded: Actor | undefined = undefined; // the actor in user space whose address space is loaded
  #newest: ThreadContext | undefined = undefined; // of a thread that may get the processor while it is being created

  constructor(machine: NucleusMachine, costs: NucleusCosts, options: NucleusOptions = {}) {
    this.machine = machine;
    this.costs = costs;
    this.site = options.site ?? 1;
    this.identifiers = new UniqueIdentifierSource(this.site);
    this.own = this.actorCreate("nucleus", "supervisor");
    this.names = new Names(this);
    this.ipc = new Ipc(this);
    this.network = new Network(this, options.wire, options.findTimeoutNs ?? 0);
    this.memory = new VirtualMemory(this, options.mostPushOuts ?? Infinity);
    this.traps = new Traps(this);
    machine.processor.switchCost = (from, to) => this.#switchTo(from, to);
  }

  /** actorCreate(): an actor without ports, regions or threads. */
  actorCreate(name: string, mode: Mode): Actor {
    const space = new AddressSpace((faulting, address, access) => this.memory.fault(faulting, address, access));
    const actor = new Actor(this.identifiers.create(), name, mode, space);
    this.#actors.set(actor.ui, actor);
    return actor;
  }

  /** actorDelete(): `actor` goes, with its ports and regions; its threads must have ended. */
  *actorDelete(actor: Actor): Steps {
    for (const port of [...actor.ports]) this.names.portDelete(port);
    for (const region of [...actor.space.regions]) yield* this.memory.rgnFree(actor, region);
    this.#actors.delete(actor.ui);
    if (this.#loaded === actor) this.#loaded = undefined;
  }

  /** The actor called `ui`, if it is on this site. */
  actor(ui: UniqueIdentifier): Actor | undefined {
    return this.#actors.get(ui);
  }

  /** threadCreate(): a thread of `actor` that takes `steps`. */
  threadCreate<T>(actor: Actor, name: string, steps: Steps<T>, options: { daemon?: boolean; priority?: number } = {}): Thread<T> {
    const context = (this.#newest = new ThreadContext(this.machine.sim, actor, name));
    const thread = this.machine.sim.spawn(name, steps, { processor: this.machine.processor, ...options });
    thread.context = context;
    this.#newest = undefined;
    return thread;
  }

  /** The context of the running thread. */
  get running(): ThreadContext {
    return contextOf(this.machine.sim.running());
  }

  /** A nucleus call begins: from user mode it is a trap. */
  enter(): void {
    const thread = this.machine.sim.current;
    if (thread === undefined || contextOf(thread).actor.mode === "supervisor") return;
    this.counters.traps++;
    this.machine.processor.charge(this.costs.trapNs, "Trap", this.own);
  }

  /**
   * What it costs that `to` gets the processor from `from`. The supervisor's space is part of every
   * address space. A thread that goes on after the processor was idle finds everything as it left
   * it; what that takes is contained in the disk times that were measured from within the system.
   */
  #switchTo(from: Thread, to: Thread): number {
    if (from === to) return 0;
    this.counters.threadSwitches++;
    this.#loaded ??= this.#home(from);
    const home = this.#home(to);
    if (home === undefined || home === this.#loaded) return this.costs.threadSwitchNs;
    this.#loaded = home;
    this.counters.addressSpaceSwitches++;
    return this.costs.threadSwitchNs + this.costs.addressSpaceSwitchNs;
  }
  /** The actor in user space that `thread` belongs to; undefined for one of the supervisor, or that came with the machine. */
  #home(thread: Thread): Actor | undefined {
    const home = ((thread.context ?? this.#newest) as ThreadContext | undefined)?.home;
    return home?.mode === "user" ? home : undefined;
  }
}
