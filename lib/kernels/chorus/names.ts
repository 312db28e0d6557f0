/**
 * The ports and groups of one site, by unique identifier.
 *
 * Layer: kernels/chorus; section 2. Names are global, but each nucleus knows only
 * what lives on its own site; for the rest it asks the others (network.ts).
 */
import type { Actor } from "./actor.ts";
import { NucleusError } from "./error.ts";
import type { Nucleus } from "./nucleus.ts";
import { Port, PortGroup } from "./port.ts";
import type { Delivery, Target } from "./port.ts";
import type { UniqueIdentifier } from "./unique-identifier.ts";

export class Names {
  readonly #nucleus: Nucleus;
  readonly #ports = new Map<UniqueIdentifier, Port>();
  readonly #groups = new Map<UniqueIdentifier, PortGroup>();

  constructor(nucleus: Nucleus) {
    this.#nucleus = nucleus;
  }

  /** portCreate(): a new port of `actor`. */
  portCreate(actor: Actor): Port {
    return this.arrive(this.#nucleus.identifiers.create(), actor, []);
  }

  /** portDelete(): `port` and what stands in its queue go away; callers fail with unknownPort. */
  portDelete(port: Port): void {
    this.#remove(port);
    for (const { frames, call } of port.queue.splice(0)) {
      for (const frame of frames) this.#nucleus.memory.replacement.release(frame);
      if (call !== undefined) this.#nucleus.ipc.abort(call, new NucleusError("unknownPort", `port ${port.ui} was deleted`));
    }
    for (const group of this.#groups.values()) this.grpPortRemove(group.ui, port);
  }

  /**
   * portMigrate(): `port` belongs to the actor `ui` from now on, here or on another
   * site. Its name, queue and groups stay; its handler, a routine of the old actor, does not.
   * @throws NucleusError unknownPort when there is no such actor
   */
  *portMigrate(port: Port, ui: UniqueIdentifier): Generator<number, void, void> {
    this.#nucleus.enter();
    const actor = this.#nucleus.actor(ui);
    if (actor === undefined) {
      yield* this.#nucleus.network.migrate(port, ui);
      return;
    }
    this.#leaveActor(port);
    port.actor = actor;
    actor.ports.add(port);
  }

  /** `port` has left for another site; what stood in its queue. Callers send again. */
  depart(port: Port): Delivery[] {
    this.#remove(port);
    const queue = port.queue.splice(0);
    for (const { call } of queue) if (call !== undefined) this.#nucleus.ipc.abort(call, undefined);
    return queue.filter(({ call }) => call === undefined);
  }

  /** A port called `ui` comes to `actor` with what stands in its queue. */
  arrive(ui: UniqueIdentifier, actor: Actor, queue: readonly Delivery[]): Port {
    const port = new Port(this.#nucleus.machine.sim, ui, actor);
    port.queue.push(...queue);
    this.#ports.set(ui, port);
    actor.ports.add(port);
    return port;
  }

  /** grpAllocate(): the name of a new group, without members. */
  grpAllocate(): UniqueIdentifier {
    return this.#nucleus.identifiers.create();
  }

  /** grpPortInsert(): `port` is a member of `group` from now on. */
  grpPortInsert(group: UniqueIdentifier, port: Port): void {
    let members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, (members = new PortGroup(group)));
    if (!members.members.includes(port)) members.members.push(port);
  }

  /** grpPortRemove(): `port` is no member any more. */
  grpPortRemove(group: UniqueIdentifier, port: Port): void {
    const members = this.#groups.get(group)?.members ?? [];
    const place = members.indexOf(port);
    if (place >= 0) members.splice(place, 1);
  }

  /** The ports of this site that `target` can mean: one or none, except for "all". */
  local(target: Target): readonly Port[] {
    if (target.to === "port") {
      const port = this.#ports.get(target.ui);
      return port === undefined ? [] : [port];
    }
    const members = this.#groups.get(target.ui)?.members ?? [];
    if (target.to === "all") return [...members];
    if (target.to === "site" && target.site !== this.#nucleus.site) return [];
    const member = members.find((port) => target.to !== "other" || port.ui !== target.than);
    return member === undefined ? [] : [member];
  }

  #remove(port: Port): void {
    this.#leaveActor(port);
    this.#ports.delete(port.ui);
  }

  #leaveActor(port: Port): void {
    port.actor.ports.delete(port);
    port.handler = undefined;
    port.moves++;
    port.receivers.wakeAll();
  }
}
