/**
 * The server's disk: the buffer cache's block device over device_read and device_write.
 *
 * Layer: servers/bsd43; sections 3.1.1 and 4.1.2. Requests are asynchronous. The
 * Device Reply Thread takes the answers; the pages of a read's answer take the
 * place of the buffer's pages, so no copy is charged for them.
 */
import { spanned, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import type { BlockDevice, BlockRequest } from "../../fs/block-device.ts";
import { SECTOR_BYTES } from "../../hardware/disk/sectors.ts";
import { deviceOpen, deviceReadRequest, deviceReply, deviceWriteRequest, machMsgReceive, threadWire, vmDeallocate, vmExchange } from "../../kernels/mach3/index.ts";
import type { OutOfLineItem, PortName, Received, Task } from "../../kernels/mach3/index.ts";

const REPLIES = 64; // answers that may wait for the Device Reply Thread

export class ServerDisk implements BlockDevice {
  readonly sectors: number;
  readonly #task: Task;
  readonly #addressOf: (frame: number) => number;
  readonly #waiting: BlockRequest[] = [];
  readonly #requests: WaitQueue;
  readonly #replies: PortName;
  readonly #pending = new Map<number, (answer: Received) => Steps>();
  readonly #opened: WaitQueue;
  #device: PortName | undefined = undefined;
  #lastTag = 0;

  /** A disk of `sectors` sectors; `addressOf` gives the server's address of a buffer's frame. */
  constructor(task: Task, sectors: number, addressOf: (frame: number) => number) {
    this.#task = task;
    this.sectors = sectors;
    this.#addressOf = addressOf;
    this.#requests = new WaitQueue(task.kernel.sim, "a request for the disk");
    this.#opened = new WaitQueue(task.kernel.sim, "the disk to be opened");
    this.#replies = task.names.allocatePort("device replies", REPLIES);
  }

  strategy(request: BlockRequest): void {
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

  /** Read `bytes` bytes from `sector` on; `finish` gets the answer, in the Device Reply Thread. */
  *read(sector: number, bytes: number, finish: (answer: Received) => Steps): Steps {
    const device = yield* this.#port();
    yield* deviceReadRequest(this.#task, device, this.#replies, { record: sector, bytes, tag: this.#tag(finish) });
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
      yield* this.read(sector, bytes, (answer) => this.#fill(answer, request));
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
  *#fill(answer: Received, { frames, offset, done }: BlockRequest): Steps {
    const { reply } = deviceReply(answer);
    const [got] = answer.memory;
    if (reply.error === undefined) vmExchange(this.#task, got!.address, frames, offset, got!.bytes);
    if (got !== undefined) vmDeallocate(this.#task, got.address, got.bytes);
    done(reply.error === undefined ? undefined : "EIO");
  }
}
