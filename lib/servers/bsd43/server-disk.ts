/**
 * The server's disk: the buffer cache's block device over device_read and device_write,
 * or over a driver in the server itself.
 *
 * Layer: servers/bsd43; sections 3.1.1, 4.1.2 and 6.2. Requests are asynchronous. The
 * Device Reply Thread takes the answers; the pages of a read's answer take the
 * place of the buffer's pages, so no copy is charged for them. A driver of its own
 * saves the server these messages.
 */
import { spanned, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice, BlockRequest } from "../../fs/block-device.ts";
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { MachError, deviceOpen, deviceReadRequest, deviceReply, deviceWriteRequest, machMsgReceive, threadWire, vmDeallocate, vmExchange, vmUnwire, vmWire } from "../../kernels/mach3/index.ts";
import type { OutOfLineItem, PortName, Received, Task } from "../../kernels/mach3/index.ts";

const REPLIES = 64; // answers that may wait for the Device Reply Thread

/** What a read has brought, in pages of the server's; none if it has failed. */
export type Finish = (memory: OutOfLineItem | undefined) => Steps;

export class ServerDisk implements BlockDevice {
  readonly sectors: number;
  readonly #driver: BlockDevice | undefined;
  readonly #done: Steps[] = []; // for a thread, what the driver's interrupts leave to do
  readonly #finished: WaitQueue;
  readonly #task: Task;
  readonly #addressOf: (frame: number) => number;
  readonly #waiting: BlockRequest[] = [];
  readonly #requests: WaitQueue;
  readonly #replies: PortName;
  readonly #pending = new Map<number, (answer: Received) => Steps>();
  readonly #opened: WaitQueue;
  #device: PortName | undefined = undefined;
  #lastTag = 0;

  /** A disk of `sectors` sectors, with a `driver` in the server or none; `addressOf` gives the server's address of a buffer's frame. */
  constructor(task: Task, sectors: number, addressOf: (frame: number) => number, driver?: BlockDevice) {
    this.#task = task;
    this.sectors = sectors;
    this.#driver = driver;
    this.#finished = new WaitQueue(task.kernel.sim, "the driver to have read");
    this.#addressOf = addressOf;
    this.#requests = new WaitQueue(task.kernel.sim, "a request for the disk");
    this.#opened = new WaitQueue(task.kernel.sim, "the disk to be opened");
    this.#replies = task.names.allocatePort("device replies", REPLIES);
  }

  strategy(request: BlockRequest): void {
    if (this.#driver !== undefined) return this.#driver.strategy(request);
    this.#waiting.push(request);
    this.#requests.wakeOne();
  }

  /** The thread that sends the requests: the buffer cache asks without waiting, sending a message may wait. */
  *requestThread(): Steps {
    threadWire(this.#task);
    this.#device = yield* deviceOpen(this.#task, "disk");
    this.#opened.wakeAll();
    for (;;) {
      const request = this.#waiting.shift();
      if (request === undefined) yield* this.#requests.wait();
      else yield* spanned(this.#task.kernel.sim, `device_${request.op}`, this.#start(request), this.#task);
    }
  }

  /** The Device Reply Thread. */
  *replyThread(): Steps {
    threadWire(this.#task);
    for (;;) {
      const answer = yield* machMsgReceive(this.#task, this.#replies);
      const { tag } = deviceReply(answer).reply;
      const finish = this.#pending.get(tag)!;
      this.#pending.delete(tag);
      yield* spanned(this.#task.kernel.sim, "Device Reply Thread", finish(answer), this.#task);
    }
  }

  /** The thread that goes on where interrupts of a driver in the server leave off. */
  *driverThread(): Steps {
    threadWire(this.#task);
    for (;;) {
      const next = this.#done.shift();
      if (next === undefined) yield* this.#finished.wait();
      else yield* next;
    }
  }

  /** Read `bytes` bytes from `sector` on; `finish` gets them in the thread that serves the answers. */
  *read(sector: number, bytes: number, finish: Finish): Steps {
    if (this.#driver !== undefined) return yield* this.#readOwn(this.#driver, sector, bytes, finish);
    const device = yield* this.#port();
    const tag = this.#tag((answer) => finish(deviceReply(answer).reply.error === undefined ? answer.memory[0] : undefined));
    try {
      yield* deviceReadRequest(this.#task, device, this.#replies, { record: sector, bytes, tag });
    } catch (error) {
      if (!isShortage(error)) throw error;
      this.#pending.delete(tag);
      yield* finish(undefined);
    }
  }

  /** Likewise with the driver in the server: into new pages of the server's own, which may then be given away. */
  *#readOwn(driver: BlockDevice, sector: number, bytes: number, finish: Finish): Steps {
    const { kernel } = this.#task;
    const frames: number[] = [];
    try {
      while (frames.length * PAGE_BYTES < bytes) frames.push(yield* kernel.allocateFrame("disk driver"));
    } catch (error) {
      if (!isShortage(error)) throw error;
      for (const frame of frames) kernel.pages.freeFrame(frame);
      return yield* finish(undefined);
    }
    kernel.trapped();
    kernel.charge(kernel.costs.vmAllocateNs + frames.length * kernel.costs.pageListPageNs, "vm_allocate");
    const memory = vmWire(this.#task, frames);
    yield* kernel.sim.settle();
    const done = (error?: string) => {
      this.#done.push(this.#filled({ address: memory.address, bytes }, error, () => vmUnwire(this.#task, memory), finish));
      this.#finished.wakeOne();
    };
    driver.strategy({ op: "read", sector, sectors: bytes / SECTOR_BYTES, frames, offset: 0, done });
  }

  *#filled(memory: OutOfLineItem, error: string | undefined, unwire: () => void, finish: Finish): Steps {
    unwire();
    if (error !== undefined) vmDeallocate(this.#task, memory.address, memory.bytes);
    yield* finish(error === undefined ? memory : undefined);
  }

  *#port(): Steps<PortName> {
    while (this.#device === undefined) yield* this.#opened.wait();
    return this.#device;
  }

  #tag(finish: (answer: Received) => Steps): number {
    this.#pending.set(++this.#lastTag, finish);
    return this.#lastTag;
  }

  *#start(request: BlockRequest): Steps {
    const { op, sector, sectors, frames, offset, done } = request;
    const bytes = sectors * SECTOR_BYTES;
    if (op === "read") {
      yield* this.read(sector, bytes, (memory) => this.#fill(memory, request));
      return;
    }
    const device = yield* this.#port();
    const tag = this.#tag(function* (answer) {
      done(deviceReply(answer).reply.error === undefined ? undefined : "EIO");
    });
    const address = this.#addressOf(frames[0]!) + offset;
    const memory: OutOfLineItem = { address, bytes };
    yield* deviceWriteRequest(this.#task, device, this.#replies, { record: sector, bytes, tag }, memory);
  }

  /** The data have come: they take the place of what is in the buffer. */
  *#fill(got: OutOfLineItem | undefined, { frames, offset, done }: BlockRequest): Steps {
    if (got === undefined) return done("EIO");
    vmExchange(this.#task, got.address, frames, offset, got.bytes);
    vmDeallocate(this.#task, got.address, got.bytes);
    done();
  }
}

/** Whether there is no memory for what was asked, and will be none. */
const isShortage = (error: unknown): boolean => error instanceof MachError && error.code === "KERN_RESOURCE_SHORTAGE";
