/**
 * What the nucleus's own work costs, in ns; data/systems/mix.json has the sources.
 *
 * Layer: kernels/chorus.
 */

export interface NucleusCosts {
  /** Into the nucleus from user mode and out again. */
  trapNs: number;
  /** Handing a trap to the handler that an actor connected. */
  trapRedirectNs: number;
  /** Sending a message: checking it and finding the port. */
  ipcSendNs: number;
  /** Entering and leaving the context of an actor to run its message handler. */
  handlerNs: number;
  /** Returning a reply. */
  ipcReplyNs: number;
  /** Queueing a message for a thread and handing it over. */
  ipcQueueNs: number;
  /** Copying a message's parameters from one actor to another. */
  annexCopyNs: number;
  threadSwitchNs: number;
  /** Loading another address space, its translations included, which are lost. */
  addressSpaceSwitchNs: number;
  /** sgRead and sgWrite: finding the local cache, serialising. */
  sgReadNs: number;
  sgWriteNs: number;
  /** Getting a page ready to be brought in: a free frame and its descriptor. */
  pageAcquireNs: number;
  /** Finding a page to replace and taking it. */
  pageReplaceNs: number;
  /** A page fault, besides what the mapper does. */
  pageFaultNs: number;
  /** Entering or changing the translation of a page. */
  mapNs: number;
  /** Handing an interrupt to the handler that an actor connected. */
  interruptNs: number;
  /** Each packet at each end of the wire, besides moving its bytes. */
  packetNs: number;
  /** Moving 32 bytes between memory and the network board. */
  boardNsPer32Bytes: number;
}
