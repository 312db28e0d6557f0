/**
 * The kernel's side of the device interface.
 *
 * Layer: kernels/mach3; section 2 ("Mach gives direct access to disks and other
 * devices through device_read() and device_write()"). A read goes into wired kernel
 * pages which then travel to the caller out of line, without a copy; a write takes
 * the caller's pages as they are. The answer is sent by a kernel thread when the
 * device is done, so the caller may go on meanwhile.
 */
import { WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { MachError } from "./errors.ts";
import type { MachCode } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { kernelMessage } from "./message.ts";
import type { KernelMessage, Right } from "./message.ts";
import type { Port } from "./port.ts";
import { copyOfFrames, discardCopy, holdFrames } from "./vm-copy.ts";
import type { HeldFrames, VmCopy } from "./vm-copy.ts";
import { pagesOf } from "./vm-page.ts";

const SECTOR_BYTES = 512;

/** What the kernel asks of the driver of a disk. */
export interface DeviceDriver {
  sectors: number;
  strategy(request: {
    op: "read" | "write";
    sector: number;
    sectors: number;
    frames: readonly Frame[];
    offset: number;
    done: (error?: string) => void;
  }): void;
}

/** In-line data of a request: where on the device, and how much. */
export interface DeviceRequest {
  /** Number of the first 512-byte record. */
  record: number;
  bytes: number;
  /** Given back with the answer, so that one port can serve many requests. */
  tag: number;
}

/** In-line data of an answer. */
export interface DeviceReply {
  tag: number;
  bytes: number;
  error: MachCode | undefined;
}

/** What a transfer is answered with when it is done. */
interface Answer {
  readonly reply: Right;
  readonly data: DeviceReply;
  /** The pages that a read has filled. */
  memory: VmCopy | undefined;
  /** The caller's pages that a write takes. */
  held: HeldFrames | undefined;
}

export class DeviceServer {
  /** Messages that open devices go here. */
  readonly master: Port;
  readonly #kernel: Kernel;
  readonly #ports = new Map<string, Port>();
  readonly #drivers: Readonly<Record<string, DeviceDriver>>;
  readonly #completions: Answer[] = [];
  readonly #completed: WaitQueue;
  /** A read is waiting for its frames; those that come after it wait for their turn. */
  #gathering = false;
  readonly #turn: WaitQueue;

  constructor(kernel: Kernel, drivers: Readonly<Record<string, DeviceDriver>>) {
    this.#kernel = kernel;
    this.#drivers = drivers;
    this.#completed = new WaitQueue(kernel.sim, "a device to be done");
    this.#turn = new WaitQueue(kernel.sim, "other reads to have their frames");
    this.master = kernel.kernelPort("device master", (message) => this.#open(message));
  }

  /** The thread that sends the answers. */
  *answerCompletions(): Steps {
    for (;;) {
      const answer = this.#completions.shift();
      if (answer === undefined) yield* this.#completed.wait();
      else this.#answer(answer);
      yield* this.#kernel.sim.settle();
    }
  }

  /** device_open: a send right to the port of the device. */
  *#open(message: KernelMessage): Steps<KernelMessage> {
    const { name } = message.data as { name: string };
    const driver = this.#drivers[name];
    if (driver === undefined) throw new MachError("D_NO_SUCH_DEVICE", `${name}; there are ${Object.keys(this.#drivers).join(", ")}`);
    this.#kernel.charge(this.#kernel.costs.deviceRequestNs, "device request");
    let port = this.#ports.get(name);
    if (port === undefined) this.#ports.set(name, (port = this.#kernel.kernelPort(`device ${name}`, (request) => this.#request(driver, request))));
    return kernelMessage("device_open_reply", undefined, { ports: [this.#kernel.sendRight(port)] });
  }

  /** device_read or device_write: start the transfer; its answer comes later. */
  *#request(driver: DeviceDriver, message: KernelMessage): Steps<undefined> {
    const kernel = this.#kernel;
    const { record, bytes, tag } = message.data as DeviceRequest;
    const [written] = message.memory;
    if (message.reply === undefined) throw new MachError("KERN_INVALID_ARGUMENT", "no port for the answer");
    if (bytes <= 0 || bytes % SECTOR_BYTES !== 0 || (written !== undefined && bytes > written.bytes)) throw new MachError("D_INVALID_SIZE", `${bytes} bytes`);
    if (record < 0 || record + bytes / SECTOR_BYTES > driver.sectors) throw new MachError("D_INVALID_RECNUM", `record ${record}`);
    kernel.charge(kernel.costs.deviceRequestNs, "device request");
    kernel.counters.deviceRequests++;
    const transfer = { sector: record, sectors: bytes / SECTOR_BYTES, offset: 0 };
    const answer: Answer = { reply: message.reply, data: { tag, bytes, error: undefined }, memory: undefined, held: undefined };
    let started = false;
    try {
      const frames = written === undefined ? yield* this.#room(answer, bytes) : (answer.held = yield* holdFrames(written)).frames;
      yield* kernel.sim.settle();
      driver.strategy({ op: written === undefined ? "read" : "write", frames, done: this.#completion(answer), ...transfer });
      started = true;
    } finally {
      if (!started) giveUp(answer);
    }
    return undefined;
  }

  /**
   * Frames for `bytes` bytes, which go into `answer`; waits for them. Of those who may not use the last frames one
   * at a time waits: two that had half of what they need each would wait for ever.
   * @throws D_NO_MEMORY if they can never be had.
   */
  *#room(answer: Answer, bytes: number): Steps<readonly Frame[]> {
    const kernel = this.#kernel;
    const { pages } = kernel;
    const count = pagesOf(bytes);
    const inTurn = !pages.mayUseReserve;
    while (inTurn && this.#gathering) yield* this.#turn.wait();
    if (inTurn && count > pages.obtainable) throw new MachError("D_NO_MEMORY", `${bytes} bytes`);
    const frames: Frame[] = [];
    const landed = () => void (pages.inTransit -= frames.length);
    answer.memory = { landed, ...copyOfFrames(kernel, frames, bytes) };
    if (inTurn) this.#gathering = true;
    try {
      while (frames.length < count) {
        frames.push(yield* kernel.allocateFrame("device read"));
        pages.inTransit++;
      }
    } finally {
      if (inTurn) {
        this.#gathering = false;
        this.#turn.wakeAll();
      }
    }
    clearTail(kernel, frames, bytes);
    return frames;
  }

  /** What the interrupt of the device does: leave the rest to the thread. */
  #completion(answer: Answer): (error?: string) => void {
    return (error) => {
      if (error !== undefined) answer.data.error = "D_IO_ERROR";
      this.#completions.push(answer);
      this.#completed.wakeOne();
    };
  }

  #answer({ reply, data, memory, held }: Answer): void {
    const kernel = this.#kernel;
    kernel.charge(kernel.costs.deviceReplyNs, "device reply");
    held?.release();
    if (memory !== undefined && data.error !== undefined) discardCopy(memory);
    kernel.answer(reply, kernelMessage("device_reply", data, { memory: memory === undefined || data.error !== undefined ? [] : [memory] }));
  }
}

/** Nothing is transferred: the memory of `answer` is needed no more. */
function giveUp({ memory, held }: Answer): void {
  held?.release();
  if (memory !== undefined) discardCopy(memory);
}

/** The rest of the last page, which no sector fills, must not show what was in the frame before. */
function clearTail(kernel: Kernel, frames: readonly Frame[], bytes: number): void {
  const tail = bytes % PAGE_BYTES;
  if (tail > 0) kernel.machine.bzero(frames[frames.length - 1]! * PAGE_BYTES + tail, PAGE_BYTES - tail);
}
