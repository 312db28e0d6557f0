/**
 * The name space of a task: its names for port rights.
 *
 * Layer: kernels/mach3; section 2 ("separate port rights residing in each task").
 * A name is a small integer. Receive and send rights to one port share a name;
 * each send-once right has its own. Several send rights under one name are one
 * right with several user references. When a port dies, the names of its send
 * rights become dead names.
 */
import type { Simulation } from "../../engine/index.ts";
import { MachError } from "./errors.ts";
import type { Disposition, PortName, Right } from "./message.ts";
import { Port, PortSet, releaseSend, releaseSendOnce } from "./port.ts";

interface Entry {
  port: Port | undefined;
  set: PortSet | undefined;
  receive: boolean;
  /** User references to the send right; of a dead name, to the name. */
  sends: number;
  sendOnce: boolean;
  dead: boolean;
}

export class NameSpace {
  readonly #sim: Simulation;
  readonly #owner: string;
  readonly #entries = new Map<PortName, Entry>();
  readonly #names = new Map<Port, PortName>(); // of entries with a receive or send right
  readonly #free: PortName[] = [];
  #next: PortName = 1;

  /** An empty name space for the task called `owner`. */
  constructor(sim: Simulation, owner: string) {
    this.#sim = sim;
    this.#owner = owner;
  }

  /** Names in use. */
  names(): PortName[] {
    return [...this.#entries.keys()];
  }

  /** mach_port_allocate (section 2): a new port, with the receive right to it here. */
  allocatePort(name: string, limit: number): PortName {
    return this.copyout({ kind: "receive", port: new Port(this.#sim, { name: `${name} of ${this.#owner}`, limit }) });
  }

  /** mach_port_allocate (section 2): a new, empty port set. */
  allocateSet(name: string): PortName {
    return this.#enter({ port: undefined, set: new PortSet(this.#sim, `${name} of ${this.#owner}`), receive: false, sends: 0, sendOnce: false, dead: false });
  }

  /** mach_port_move_member (section 2): put the port `name` into the set `setName`, or take it out of its set. */
  moveMember(name: PortName, setName: PortName | undefined): void {
    const port = this.receiveRight(name);
    const set = setName === undefined ? undefined : this.#entry(setName).set;
    if (setName !== undefined && set === undefined) throw new MachError("KERN_INVALID_RIGHT", `name ${setName} of ${this.#owner} is no port set`);
    port.set?.remove(port);
    set?.add(port);
    if (set !== undefined) port.receivers.wakeAll(); // they can receive from the set only
  }

  /** What rights `name` stands for. @throws KERN_INVALID_NAME */
  rights(name: PortName): { receive: boolean; sends: number; sendOnce: boolean; dead: boolean; set: boolean } {
    const { receive, sends, sendOnce, dead, set } = this.#entry(name);
    return { receive, sends, sendOnce, dead, set: set !== undefined };
  }

  /** The port whose receive right is `name`. @throws KERN_INVALID_RIGHT */
  receiveRight(name: PortName): Port {
    const entry = this.#entry(name);
    if (!entry.receive) throw new MachError("KERN_INVALID_RIGHT", `name ${name} of ${this.#owner} is no receive right`);
    return entry.port!;
  }

  /** The port or port set to receive from under `name`. @throws MACH_RCV_INVALID_NAME, MACH_RCV_IN_SET */
  receiveFrom(name: PortName): Port | PortSet {
    const entry = this.#entries.get(name);
    if (entry?.set !== undefined) return entry.set;
    if (entry === undefined || !entry.receive) throw new MachError("MACH_RCV_INVALID_NAME", `name ${name} of ${this.#owner}`);
    if (entry.port!.set !== undefined) throw new MachError("MACH_RCV_IN_SET", `name ${name} of ${this.#owner}`);
    return entry.port!;
  }

  /** Whether receiving under `name` still means receiving from `source`. */
  receivesFrom(name: PortName, source: Port | PortSet): boolean {
    const entry = this.#entries.get(name);
    return source instanceof Port ? entry?.receive === true && entry.port === source && source.set === undefined : entry?.set === source;
  }

  /** The port to which `name` is a send right, kept where it is. @throws KERN_INVALID_RIGHT */
  sendRight(name: PortName): Port {
    const entry = this.#entry(name);
    if (entry.sends === 0 || entry.dead) throw new MachError("KERN_INVALID_RIGHT", `name ${name} of ${this.#owner} is no send right`);
    return entry.port!;
  }

  /** The port that a message to `name` goes to. @throws MACH_SEND_INVALID_DEST */
  destination(name: PortName): Port {
    const entry = this.#entries.has(name) ? this.#entry(name) : undefined;
    if (entry?.port === undefined || entry.dead) throw new MachError("MACH_SEND_INVALID_DEST", `name ${name} of ${this.#owner}`);
    return entry.port;
  }

  /** The name under which this task holds the receive or send right to `port`. */
  nameOf(port: Port): PortName | undefined {
    return this.#names.get(port);
  }

  /** Take a right out for a message. @throws KERN_INVALID_NAME, MACH_SEND_INVALID_RIGHT */
  copyin(name: PortName, disposition: Disposition): Right {
    const entry = this.#entry(name);
    const port = entry.port!;
    if (entry.dead && (disposition === "copy-send" || disposition === "move-send" || disposition === "move-send-once")) {
      if (disposition !== "copy-send") this.deallocate(name);
      return { kind: "dead", port };
    }
    switch (disposition) {
      case "make-send":
      case "make-send-once":
        if (!entry.receive) throw this.#notAllowed(name, disposition);
        if (disposition === "make-send") port.sendRights++;
        else port.sendOnceRights++;
        return { kind: disposition === "make-send" ? "send" : "send-once", port };
      case "copy-send":
        if (entry.sends === 0) throw this.#notAllowed(name, disposition);
        port.sendRights++;
        return { kind: "send", port };
      case "move-send":
        if (entry.sends === 0) throw this.#notAllowed(name, disposition);
        if (--entry.sends > 0) port.sendRights++; // one of several references leaves, the right stays too
        else this.#tidy(name, entry);
        return { kind: "send", port };
      case "move-send-once":
        if (!entry.sendOnce) throw this.#notAllowed(name, disposition);
        this.#remove(name);
        return { kind: "send-once", port };
      case "move-receive":
        if (!entry.receive) throw this.#notAllowed(name, disposition);
        port.set?.remove(port);
        port.receivers.wakeAll(); // whoever has the right next receives, and nobody else
        entry.receive = false;
        this.#tidy(name, entry);
        return { kind: "receive", port };
    }
  }

  /** Enter a right that came in a message; its name, which is an old one when the task knew the port. */
  copyout(right: Right): PortName {
    const { port, kind } = right;
    if (port.dead || kind === "dead") {
      if (kind === "send") port.sendRights--;
      else if (kind === "send-once") port.sendOnceRights--;
      return this.#enter({ port, set: undefined, receive: false, sends: 1, sendOnce: false, dead: true });
    }
    if (kind === "send-once") return this.#enter({ port, set: undefined, receive: false, sends: 0, sendOnce: true, dead: false });
    let name = this.#names.get(port);
    if (name === undefined) {
      name = this.#enter({ port, set: undefined, receive: false, sends: 0, sendOnce: false, dead: false });
      this.#names.set(port, name);
    }
    const entry = this.#entries.get(name)!;
    if (kind === "receive") entry.receive = true;
    else if (++entry.sends > 1) port.sendRights--; // joins the right that was there
    return name;
  }

  /** mach_port_deallocate (section 2): give up one reference to a send right, a send-once right or a dead name. */
  deallocate(name: PortName): void {
    const entry = this.#entry(name);
    if (entry.sendOnce) {
      this.#remove(name);
      releaseSendOnce(entry.port!);
    } else if (entry.sends > 0) {
      entry.sends--;
      if (entry.sends > 0) return;
      this.#tidy(name, entry);
      if (!entry.dead) releaseSend(entry.port!);
    } else throw new MachError("KERN_INVALID_RIGHT", `name ${name} of ${this.#owner} is no send right`);
  }

  /** mach_port_destroy (section 2): give up every right under `name`; a port dies with its receive right. */
  destroy(name: PortName): void {
    const entry = this.#entry(name);
    this.#remove(name);
    entry.set?.destroy();
    if (entry.sendOnce) releaseSendOnce(entry.port!);
    if (entry.sends > 0 && !entry.dead) releaseSend(entry.port!);
    if (entry.receive) entry.port!.destroy();
  }

  /** Give up everything: the task ends. */
  destroyAll(): void {
    for (const name of this.names()) if (this.#entries.has(name)) this.destroy(name);
  }

  /**
   * mach_port_request_notification (section 2): a message to the port `notifyName`, whose receive right is here,
   * when the port of `name` dies ("dead-name") or when the last send right to it goes ("no-senders").
   */
  requestNotification(name: PortName, what: "dead-name" | "no-senders", notifyName: PortName): void {
    const entry = this.#entry(name);
    const notify = this.receiveRight(notifyName);
    if (what === "no-senders") {
      const port = this.receiveRight(name);
      if (port.noSenders !== undefined) releaseSendOnce(port.noSenders);
      port.noSenders = notify;
    } else {
      if (entry.sends === 0 && !entry.sendOnce) throw new MachError("KERN_INVALID_RIGHT", `name ${name} of ${this.#owner} cannot die`);
      if (entry.dead) throw new MachError("KERN_INVALID_ARGUMENT", `name ${name} of ${this.#owner} is dead already`);
      entry.port!.deathRequests.push({ space: this, name, notify });
    }
    notify.sendOnceRights++;
  }

  /** The entry of `name`, turned into a dead name if its port has died. */
  #entry(name: PortName): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new MachError("KERN_INVALID_NAME", `name ${name} of ${this.#owner}`);
    if (entry.port?.dead === true && !entry.dead) {
      if (entry.sends > 0) entry.port.sendRights--;
      if (entry.sendOnce) entry.port.sendOnceRights--;
      entry.sends = Math.max(1, entry.sends);
      entry.sendOnce = entry.receive = false;
      entry.dead = true;
      this.#names.delete(entry.port);
    }
    return entry;
  }

  #notAllowed(name: PortName, disposition: Disposition): MachError {
    return new MachError("MACH_SEND_INVALID_RIGHT", `name ${name} of ${this.#owner} does not allow ${disposition}`);
  }

  #enter(entry: Entry): PortName {
    const name = this.#free.pop() ?? this.#next++;
    this.#entries.set(name, entry);
    return name;
  }

  /** Forget `name` if no right is left under it. */
  #tidy(name: PortName, entry: Entry): void {
    if (!entry.receive && entry.sends === 0) this.#remove(name);
  }

  #remove(name: PortName): void {
    const { port } = this.#entries.get(name)!;
    this.#entries.delete(name);
    this.#free.push(name);
    if (port === undefined) return;
    if (this.#names.get(port) === name) this.#names.delete(port);
    const requests = port.deathRequests;
    const at = requests.findIndex((request) => request.space === this && request.name === name);
    if (at >= 0) releaseSendOnce(requests.splice(at, 1)[0]!.notify); // nothing is left under the name that could die
  }
}
