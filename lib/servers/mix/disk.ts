/**
 * The disk driver as the Object Manager has it: in its own actor, or beside it.
 *
 * Layer: servers/mix; sections 2 and 3.2.1. Drivers are connected to their interrupts
 * by actors in supervisor space. An Object Manager in supervisor space calls its driver
 * like a procedure; one in user space has to send it a message.
 */
import type { BlockDevice, BlockRequest } from "../../fs/block-device.ts";
import type { Driver } from "../../hardware/driver.ts";
import type { Actor, Area, Mode, Nucleus } from "../../kernels/chorus/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";

/** Its interrupt line. */
const LINE = "disk";

/** The disk for a server in `mode`; it answers once its driver's actor is connected. */
export class Disk implements BlockDevice {
  readonly sectors: number;
  readonly #nucleus: Nucleus;
  readonly #driver: Driver;
  readonly #byMessage: boolean;
  #ended: (() => void) | undefined = undefined; // what the transfer that has just ended leads to

  constructor(nucleus: Nucleus, driver: Driver, mode: Mode) {
    this.sectors = driver.sectors;
    this.#nucleus = nucleus;
    this.#driver = driver;
    this.#byMessage = mode === "user";
    if (this.#byMessage) this.connect(nucleus.actorCreate("disk driver", "supervisor"));
  }

  /** The driver is part of `actor`, which has the disk's interrupts from now on. @throws NucleusError notSupervisor */
  connect(actor: Actor): void {
    this.#nucleus.traps.svInterruptConnect(actor, LINE, () => this.#ended!());
  }

  strategy(request: BlockRequest): void {
    const { traps } = this.#nucleus;
    if (this.#byMessage) messageToDriver(this.#nucleus);
    this.#driver.strategy({
      ...request,
      done: (error) => {
        this.#ended = () => request.done(error);
        traps.interrupted(LINE);
      },
    });
  }
}

/** A server in user space sends a message to its driver, whose handler runs on the server's thread, and gets the reply. */
export function messageToDriver(nucleus: Nucleus): void {
  const { costs, counters, machine } = nucleus;
  nucleus.enter();
  counters.messages += 2;
  counters.handlerCalls++;
  machine.processor.charge(costs.ipcSendNs + costs.handlerNs + costs.ipcReplyNs, "message to the driver");
}

/** The page frame that `area`, a page in memory, begins in, and where. */
export function framesOf(area: Area): { frames: readonly Frame[]; offset: number } {
  const address = area.locate(0, "read");
  return { frames: [Math.floor(address / PAGE_BYTES)], offset: address % PAGE_BYTES };
}
