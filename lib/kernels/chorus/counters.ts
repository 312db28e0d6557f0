/**
 * What the nucleus counts: every trap, message, copy and switch that it makes.
 *
 * Layer: kernels/chorus. One plain object a site, so that a difference of two
 * copies is the account of what happened in between.
 */

export interface Counters {
  /** Entries into the nucleus from user mode. */
  traps: number;
  /** Messages delivered on this site, replies included. */
  messages: number;
  /** Bytes in the parameters and bodies of messages sent. */
  messageBytes: number;
  /** Messages that went over the wire. */
  remoteMessages: number;
  /** Messages served by a handler on the sender's thread. */
  handlerCalls: number;
  /** Copies of data or of message parameters, and their bytes. */
  copies: number;
  copiedBytes: number;
  threadSwitches: number;
  addressSpaceSwitches: number;
  /** Interrupts handed to connected handlers. */
  interrupts: number;
  /** Page faults taken by actors, and translations entered for them. */
  faults: number;
  mappings: number;
  /** sgRead and sgWrite calls, and pages that they found in a local cache or missed. */
  segmentReads: number;
  segmentWrites: number;
  /** Upcalls to mappers. */
  pullIns: number;
  pushOuts: number;
  getAccesses: number;
  /** Pages taken away to have their frames used again. */
  replacedPages: number;
  /** Pages whose bytes a mapper could not save. */
  lostPages: number;
}

/** Counters that have counted nothing yet. */
export function newCounters(): Counters {
  return {
    traps: 0, messages: 0, messageBytes: 0, remoteMessages: 0, handlerCalls: 0, copies: 0, copiedBytes: 0,
    threadSwitches: 0, addressSpaceSwitches: 0, interrupts: 0, faults: 0, mappings: 0,
    segmentReads: 0, segmentWrites: 0, pullIns: 0, pushOuts: 0, getAccesses: 0, replacedPages: 0, lostPages: 0,
  };
}
