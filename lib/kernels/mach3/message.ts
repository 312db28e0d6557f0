/**
 * Messages: what a task sends, what a task receives, and what travels between.
 *
 * Layer: kernels/mach3; section 2 of the paper ("send typed data to the task
 * having the unique receive right"). A message has an operation, in-line data,
 * port rights and out-of-line memory. A task speaks of rights and memory in its
 * own names and addresses; in flight they are ports and pages, which nobody holds
 * but the message.
 */
import type { Port } from "./port.ts";
import type { VmCopy } from "./vm-copy.ts";

/** A task's name for a right: a small integer, meaningless to other tasks. */
export type PortName = number;

/** What happens to the sender's right when it goes into a message. */
export type Disposition = "move-receive" | "move-send" | "move-send-once" | "copy-send" | "make-send" | "make-send-once";

export interface PortItem {
  name: PortName;
  disposition: Disposition;
}

/** Memory sent out of line: at a page boundary of the sender, any number of bytes. */
export interface OutOfLineItem {
  address: number;
  bytes: number;
  /** The sender's mapping goes away with the message. */
  deallocate?: boolean;
  /** Send pages instead of a lazy copy: stolen from the sender where they may be, else copied. */
  pageList?: boolean;
}

/** A message as its sender writes it. */
export interface Message<Data = unknown> {
  /** The operation, spelled as in the interface: "memory_object_data_request". */
  id: string;
  /** Where it goes, and with which right: by default a send right that the sender keeps. */
  remote: PortName;
  disposition?: Disposition;
  /** Where the answer is wanted; the receiver gets a send-once right to it. */
  local?: PortName;
  data: Data;
  /** What of the data travels in line beyond a few words, when there is any. */
  inLine?: Uint8Array;
  ports?: readonly PortItem[];
  memory?: readonly OutOfLineItem[];
}

/** A message as its receiver finds it. */
export interface Received<Data = unknown> {
  id: string;
  /** The right to answer with, if an answer is wanted. */
  remote: PortName | undefined;
  /** The port on which it came. */
  local: PortName;
  data: Data;
  ports: readonly PortName[];
  memory: readonly { address: number; bytes: number }[];
}

/** A right in flight; that of a port which has died is dead. */
export interface Right {
  kind: "receive" | "send" | "send-once" | "dead";
  port: Port;
}

/** A message in flight. */
export interface KernelMessage<Data = unknown> {
  id: string;
  data: Data;
  inLine: Uint8Array | undefined;
  reply: Right | undefined;
  ports: readonly Right[];
  memory: readonly VmCopy[];
}

/** What a message of the kernel's has besides its data. */
type MessageParts = Partial<Pick<KernelMessage, "inLine" | "ports" | "memory">>;

const NOTHING: readonly never[] = [];

/** A message of the kernel's own, with what of it is not empty. */
export function kernelMessage<Data>(id: string, data: Data, { inLine, ports = NOTHING, memory = NOTHING }: MessageParts = {}): KernelMessage<Data> {
  return { id, data, inLine, reply: undefined, ports, memory };
}

/** The answer to `request` as a message: sent with the send-once right that came with it. */
export function replyTo<Data>(request: Received, data: Data, parts: Partial<Message<Data>> = {}): Message<Data> {
  return { id: `${request.id}_reply`, remote: request.remote!, disposition: "move-send-once", data, ...parts };
}
