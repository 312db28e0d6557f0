/**
 * Sending and receiving: mach_msg in its three forms.
 *
 * Layer: kernels/mach3; section 2 and Table 5-2. One trap sends, receives, or does
 * both. A message to a port that the kernel receives on is carried out at once by
 * the sender's thread; any other waits in the port's queue, and a sender waits
 * while the queue is full, when all that the message holds has been taken: no place
 * is kept for memory that is still to come. Sending to a waiting server and waiting
 * for its answer hands the processor over: nothing else need run between.
 */
import { spanned } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { MachError } from "./errors.ts";
import type { Returned } from "./errors.ts";
import { chargeInLine, inLineNs } from "./in-line.ts";
import type { Kernel } from "./kernel.ts";
import type { KernelMessage, Message, PortName, Received, Right } from "./message.ts";
import { Port, discardMessage, releaseRight } from "./port.ts";
import type { KernelService, PortSet } from "./port.ts";
import { KERNEL } from "./task.ts";
import type { Task } from "./task.ts";
import { copyin, copyout } from "./vm-copy.ts";
import type { VmCopy } from "./vm-copy.ts";

/** Bytes of a message before its data. */
const HEADER_BYTES = 24;

const NOTHING: readonly never[] = [];

/**
 * msg_send (section 2): send `message` from `task`. A destination that dies when the message has been taken from the task
 * has got it, as one has that dies before it receives: what it names is given up.
 * @param timeoutNs how long to wait for room in the queue; for ever by default. If there is none by then, the error's
 * `returned` has what the message held.
 * @throws MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_RIGHT, MACH_SEND_TIMED_OUT, KERN_INVALID_ADDRESS; what a kernel port answers.
 */
export function machMsgSend(task: Task, message: Message, timeoutNs?: number): Steps {
  return spanned(task.kernel.sim, "msg_send", trapAndSend(task, message, timeoutNs), KERNEL);
}

/**
 * msg_receive (section 2): the next message on the port or port set `name` of `task`.
 * @throws MACH_RCV_INVALID_NAME, MACH_RCV_IN_SET, MACH_RCV_TIMED_OUT; while it waits, MACH_RCV_PORT_DIED, and
 * MACH_RCV_PORT_CHANGED when the receive right goes elsewhere or into a port set.
 */
export function machMsgReceive(task: Task, name: PortName, timeoutNs?: number): Steps<Received> {
  return spanned(task.kernel.sim, "msg_receive", trapAndReceive(task, name, timeoutNs), KERNEL);
}

/**
 * msg_rpc (section 2): send `message`, then receive from `name`, in one trap. A client receives the answer on its
 * reply port; a server sends an answer and receives the next request. Errors as above.
 */
export function* machMsgRpc(task: Task, message: Message, name: PortName, timeoutNs?: number): Steps<Received> {
  const { sim } = task.kernel;
  yield* spanned(sim, "msg_send", trapAndSend(task, message, timeoutNs), KERNEL);
  return yield* spanned(sim, "msg_receive", receive(task, name, timeoutNs), KERNEL);
}

/** A call by message: `message` with a reply port, and the answer to it. */
export function* call(task: Task, message: Omit<Message, "local">): Steps<Received> {
  const local = task.replyPort();
  return yield* machMsgRpc(task, { local, ...message }, local); // one shape for all: see kernelCosts()
}

function* trapAndSend(task: Task, message: Message, timeoutNs: number | undefined): Steps {
  task.kernel.trapped();
  yield* send(task, message, timeoutNs);
}

function* trapAndReceive(task: Task, name: PortName, timeoutNs: number | undefined): Steps<Received> {
  task.kernel.trapped();
  return yield* receive(task, name, timeoutNs);
}

function* send(task: Task, message: Message, timeoutNs: number | undefined): Steps {
  const { kernel } = task;
  const port = task.names.destination(message.remote);
  const destination = task.names.copyin(message.remote, message.disposition ?? "copy-send");
  let used = false;
  try {
    const inFlight = yield* toKernel(task, message);
    if (port.full && port.service === undefined && destination.kind !== "send-once" && !(yield* roomIn(port, inFlight, timeoutNs))) {
      used = message.disposition === "move-send";
      throw new MachError("MACH_SEND_TIMED_OUT", port.name, takeBack(task, inFlight, used ? destination : undefined));
    }
    kernel.counters.messages++;
    if (inFlight.reply !== undefined) inFlight.reply.port.answerer = port;
    if (port.service === undefined) port.enqueue(inFlight);
    else yield* spanned(kernel.sim, message.id, serve(kernel, port.service, inFlight), KERNEL);
    if (destination.kind === "send-once") port.sendOnceRights--;
    used = destination.kind === "send-once";
  } finally {
    if (!used) releaseRight(destination);
  }
}

/** The kernel carries out `message` and answers it. If it cannot, its sender hears it at once, and no answer comes. */
function* serve(kernel: Kernel, service: KernelService, message: KernelMessage): Steps {
  let answer: KernelMessage | undefined;
  let served = false;
  try {
    answer = yield* service(message);
    served = true;
  } finally {
    if (!served) {
      if (message.reply?.kind === "send-once") message.reply.port.sendOnceRights--;
      discardMessage({ ...message, reply: undefined });
    }
  }
  if (answer === undefined) return; // no answer, or one that comes later
  if (message.reply === undefined) discardMessage(answer);
  else kernel.answer(message.reply, answer);
}

/** Wait until the queue of `port`, if it lives on, has room for `message`; false when the time passed first. A sender that ends leaves nothing of it. */
function* roomIn(port: Port, message: KernelMessage, timeoutNs: number | undefined): Steps<boolean> {
  const deadline = timeoutNs === undefined ? undefined : port.senders.sim.now + timeoutNs;
  let ended = true;
  try {
    let inTime = true;
    while (port.full && !port.dead && inTime) inTime = yield* port.senders.waitUntil(deadline);
    ended = false;
    return inTime;
  } finally {
    if (ended) discardMessage(message);
  }
}

/** `message` could not be queued: the task has what it held and, if it gave that up, its `destination`; no answer will come. */
function takeBack(task: Task, message: KernelMessage, destination: Right | undefined): Returned {
  if (message.reply !== undefined) message.reply.port.sendOnceRights--;
  return { remote: destination === undefined ? undefined : task.names.copyout(destination), ports: portsOf(task, message), memory: memoryOf(task, message) };
}

function* receive(task: Task, name: PortName, timeoutNs: number | undefined): Steps<Received> {
  const { kernel } = task;
  const source = task.names.receiveFrom(name);
  const deadline = timeoutNs === undefined ? undefined : kernel.sim.now + timeoutNs;
  for (;;) {
    const port = nextPort(source);
    const message = port?.dequeue();
    if (message !== undefined) return fromKernel(task, port!, message);
    if (!(yield* source.receivers.waitUntil(deadline))) throw new MachError("MACH_RCV_TIMED_OUT", source.name);
    if (source.dead) throw new MachError("MACH_RCV_PORT_DIED", source.name);
    if (!task.names.receivesFrom(name, source)) throw new MachError("MACH_RCV_PORT_CHANGED", source.name);
  }
}

function nextPort(source: Port | PortSet): Port | undefined {
  return source instanceof Port ? source : source.next();
}

/** Take all that `message` names out of the task: rights become ports, memory becomes objects or pages. */
function* toKernel(task: Task, message: Message): Steps<KernelMessage> {
  const { kernel, names } = task;
  const { id, data, inLine, ports = NOTHING, memory = NOTHING } = message;
  const rights: Right[] = [];
  const copies: VmCopy[] = [];
  const inFlight: KernelMessage = { id, data, inLine, reply: undefined, ports: rights, memory: copies };
  kernel.counters.inLineBytes += HEADER_BYTES;
  chargeInLine(kernel, inFlight);
  kernel.charge(kernel.costs.sendNs, "msg_send");
  let complete = false;
  try {
    for (const item of memory) copies.push(yield* copyin(task, item));
    kernel.charge(ports.length * kernel.costs.portRightNs, "port rights");
    for (const { name, disposition } of ports) rights.push(names.copyin(name, disposition));
    if (message.local !== undefined) inFlight.reply = names.copyin(message.local, "make-send-once");
    complete = true;
  } finally {
    if (!complete) discardMessage(inFlight); // what was taken out already is lost to the sender
  }
  return inFlight;
}

/** Give all that `message` holds to the task, under its own names and at its own addresses. */
function fromKernel(task: Task, port: Port, message: KernelMessage): Received {
  const { kernel, names } = task;
  const { inLine } = message;
  if (inLine !== undefined && inLine.length > 0) kernel.sim.probe?.move("message", message, inLine, inLine.length, inLineNs(kernel, inLine) / 2, `memory of ${task.name}`);
  port.answerer = undefined;
  if (message.reply !== undefined) message.reply.port.answerer = kernel.sim.current;
  kernel.charge(kernel.costs.receiveNs + message.ports.length * kernel.costs.portRightNs, "msg_receive");
  return {
    id: message.id,
    data: message.data,
    local: names.nameOf(port)!,
    remote: message.reply === undefined ? undefined : names.copyout(message.reply),
    ports: portsOf(task, message),
    memory: memoryOf(task, message),
  };
}

function portsOf({ names }: Task, { ports }: KernelMessage): readonly PortName[] {
  return ports.length === 0 ? NOTHING : ports.map((right) => names.copyout(right));
}

/** Where `task` has what came out of line. What it has no room for is lost, and the message is received without it, as Mach's MACH_MSG_VM_SPACE has it. */
function memoryOf(task: Task, { memory }: KernelMessage): Received["memory"] {
  if (memory.length === 0) return NOTHING;
  const entered: { address: number; bytes: number }[] = [];
  for (const copy of memory) {
    const address = copyout(task, copy);
    if (address !== undefined) entered.push({ address, bytes: copy.bytes });
  }
  return entered;
}
