/**
 * The disk driver as the Object Manager has it: in its own actor, or beside it.
 *
 * Layer: servers/mix; sections 2 and 3.2.1. Drivers are connected to their interrupts
 * by actors in supervisor space. An Object Manager in supervisor space calls its driver
 * like a procedure; one in user space has to send it a message.
 */
import type { BlockDevice, BlockRequest } from "../../fs/block-device.ts";
import type { Driver } from "../../hardware/driver.ts";
import type { Area, Mode, Nucleus } from "../../kernels/chorus/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";

/** The device that a server in `mode` has of `driver`. */
export function deviceFor(nucleus: Nucleus, driver: Driver, mode: Mode): BlockDevice {
  if (mode === "supervisor") return driver;
  const { costs, counters, machine } = nucleus;
  return {
    sectors: driver.sectors,
    strategy(request: BlockRequest) {
      nucleus.enter();
      counters.messages += 2;
      counters.handlerCalls++;
      machine.processor.charge(costs.ipcSendNs + costs.handlerNs + costs.ipcReplyNs);
      driver.strategy(request);
    },
  };
}

/** The page frame that `area`, a page in memory, begins in, and where. */
export function framesOf(area: Area): { frames: readonly Frame[]; offset: number } {
  const address = area.locate(0, "read");
  return { frames: [Math.floor(address / PAGE_BYTES)], offset: address % PAGE_BYTES };
}
