/**
 * What the kernel's work costs and where its limits are: read from data, never from code.
 *
 * Layer: kernels/mach3; section 5 of the paper. The data hold quantities in
 * microseconds; the kernel charges them in nanoseconds.
 */
import type { Machine } from "../../hardware/machine.ts";
import { amount, whole } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";

export const kernelShape = {
  /** Costs. A null RPC (Table 5-2) is two messages; what sending takes of it is what the other parts leave. */
  kernel: {
    /** Into the kernel and back: Table 5-2. */
    trapUs: amount("us"),
    /** What the way back out into the emulation library, and its prologue, take beyond the trap. */
    trapRedirectUs: amount("us"),
    /** Finding the handler that another task connected to a trap, and a stack for it there; the switches of address spaces come on top. */
    handlerUs: amount("us"),
    /** Handing an interrupt to a driver in a user task, and coming back. */
    userInterruptUs: amount("us"),
    /** RPC without data between two user tasks: twice trap, send, switch of thread and address space, receive. */
    nullRpcUs: amount("us"),
    receiveUs: amount("us"),
    threadSwitchUs: amount("us"),
    addressSpaceSwitchUs: amount("us"),
    /** Each port right, and each region of memory, that a message carries. */
    portRightUs: amount("us"),
    outOfLineUs: amount("us"),
    /** Each page of a page list. */
    pageListPageUs: amount("us"),
    /** A kilobyte of in-line data, in and out of the kernel together. */
    inLineKBUs: amount("us"),
    /** A fault whose page is resident, from the trap to the retry: text after Table 5-5. */
    pageFaultUs: amount("us"),
    vmAllocateUs: amount("us"),
    vmDeallocateUs: amount("us"),
    vmMapUs: amount("us"),
    vmProtectUs: amount("us"),
    /** Copying one map entry at a fork. */
    forkEntryUs: amount("us"),
    /** The kernel's part in each message of the external pager protocol. */
    dataRequestUs: amount("us"),
    dataProvidedUs: amount("us"),
    dataSupplyUs: amount("us"),
    dataUnavailableUs: amount("us"),
    dataWriteUs: amount("us"),
    lockRequestUs: amount("us"),
    lockRequestPageUs: amount("us"),
    attributesUs: amount("us"),
    /** Taking a request for a device, and answering it when the device is done. */
    deviceRequestUs: amount("us"),
    deviceReplyUs: amount("us"),
    /** Taking a packet from the network interface, besides the message about it. */
    packetInterruptUs: amount("us"),
    /** The page-out daemon, each page that it looks at. */
    pageOutScanUs: amount("us"),
    /** How long the daemon waits for each page of a burst before it starts the next burst. */
    burstWaitUs: amount("us"),
    /** How long nothing can leave memory and nobody gets a frame before one of those who wait is told that there is none. */
    shortageWaitUs: amount("us"),
  },
  limits: {
    /** Messages in the queue of a port before senders wait. */
    queueLimit: whole("count", 1),
    pageListPages: whole("count", 1),
    dataWritePages: whole("count", 1),
    burstPages: whole("count", 1),
    burstMinPages: whole("count", 1),
    cachedObjects: whole("count"),
    /** Threads of the default pager: one is kept for page-outs. */
    defaultPagerThreads: whole("count", 2),
    /** Memory that the kernel itself fills. */
    kernelPercent: amount("percent"),
    /** Frames kept for the threads that make others free. */
    reservedPercent: amount("percent"),
    /** Free frames below which the page-out daemon starts, and at which it stops. */
    freeMinPercent: amount("percent"),
    freeTargetPercent: amount("percent"),
    /** Share of the pageable memory that the daemon keeps on the inactive queue. */
    inactivePercent: amount("percent"),
  },
} satisfies Shape;

export type KernelSpec = Values<typeof kernelShape>;
export type KernelLimits = KernelSpec["limits"];

type Ns<Key> = Key extends `${infer Name}Us` ? `${Name}Ns` : never;

/** A group of costs in whole nanoseconds, named as in the data but for the unit. */
export type InNs<Costs> = { readonly [Key in keyof Costs as Ns<Key>]: number };

export type KernelCosts = InNs<KernelSpec["kernel"]> & {
  /** What sending one message takes: half a null RPC less trap, switch and receive. */
  readonly sendNs: number;
};

/** Costs in microseconds as the nanoseconds that `toNs` makes of them, key by key. */
export function inNs<Costs extends Record<string, number>>(costs: Costs, toNs: (us: number) => number): InNs<Costs> {
  return Object.fromEntries(Object.entries(costs).map(([key, us]) => [key.replace(/Us$/, "Ns"), Math.round(toNs(us))])) as InNs<Costs>;
}

/** The costs that the kernel charges on `machine`. Data in messages are copied by the memory; who waits for memory waits for the disk. */
export function kernelCosts(spec: KernelSpec["kernel"], machine: Pick<Machine, "netNs" | "busNs">): KernelCosts {
  const costs = {
    ...inNs(spec, (us) => machine.netNs(us)),
    ...inNs({ inLineKBUs: spec.inLineKBUs, burstWaitUs: spec.burstWaitUs, shortageWaitUs: spec.shortageWaitUs }, (us) => machine.busNs(us)),
  };
  const sendNs = costs.nullRpcNs / 2 - costs.trapNs - costs.threadSwitchNs - costs.addressSpaceSwitchNs - costs.receiveNs;
  return { sendNs, ...costs }; // in this order: a key behind a spread gives each object a shape of its own in V8, and code that reads it stays slow
}
