/**
 * A tty as a stream: the driver of the serial line, the line discipline, the stream head.
 *
 * Layer: servers/mix; section 3.2.1, "the Streams Manager manages all stream devices such
 * as pipes, network access, ttys". The nucleus knows no such device: an actor in
 * supervisor space connects the line's interrupts, one for each character in and out.
 * With the Streams Manager in user space that is an actor of its own, to which it sends
 * messages.
 */
import { Lock, WaitQueue } from "../../engine/index.ts";
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Terminal } from "../../hardware/terminal.ts";
import { copy, WiredArea } from "../../kernels/chorus/index.ts";
import type { Actor, Area, Nucleus } from "../../kernels/chorus/index.ts";
import { cooked, LineDiscipline, MOST_INPUT } from "../../unix/line-discipline.ts";
import { messageToDriver } from "./disk.ts";

const LINE = "tty";
/** Characters that may wait to be sent; a writer goes on when half of them are gone. */
const MOST_OUTPUT = 256;
/** Where in its block bytes to be sent are; those to be read are at its beginning. */
const OUTPUT_AT = PAGE_BYTES / 2;

export class Tty {
  readonly #nucleus: Nucleus;
  readonly #terminal: Terminal;
  readonly #characterNs: number;
  readonly #byMessage: boolean;
  readonly #discipline: LineDiscipline;
  readonly #typed: WaitQueue;
  readonly #drained: WaitQueue;
  readonly #readLock: Lock;
  readonly #writeLock: Lock;
  readonly #output: number[] = [];
  readonly #events: (() => void)[] = []; // what the interrupts that are on their way are about
  #sending = false;
  #opens = 0;
  #block: WiredArea | undefined = undefined; // where bytes are between the line and those who read and write

  /** The tty of `terminal`, whose interrupts `driver` serves; each character costs `characterNs`. */
  constructor(nucleus: Nucleus, terminal: Terminal, driver: Actor, byMessage: boolean, characterNs: number) {
    const { sim } = nucleus.machine;
    this.#nucleus = nucleus;
    this.#terminal = terminal;
    this.#characterNs = characterNs;
    this.#byMessage = byMessage;
    this.#discipline = new LineDiscipline((bytes) => this.#send(bytes));
    this.#typed = new WaitQueue(sim, "a line from the terminal");
    this.#drained = new WaitQueue(sim, "room in the terminal's output");
    this.#readLock = new Lock(sim, "reading the terminal");
    this.#writeLock = new Lock(sim, "writing the terminal");
    nucleus.traps.svInterruptConnect(driver, LINE, () => this.#events.shift()!());
    terminal.received = (byte) => this.#interrupt(() => this.#receive(byte));
  }

  /** One user more. @throws UnixError ENOMEM */
  open(): void {
    if (this.#opens === 0) {
      const frames = this.#nucleus.machine.memory.allocateRun("tty", 1);
      if (frames === undefined) throw new UnixError("ENOMEM");
      this.#block = new WiredArea(frames);
    }
    this.#opens++;
  }

  /** One user less; the last one waits until all that was written is shown. */
  *close(): Steps {
    while (this.#opens === 1 && this.#sending) yield* this.#drained.wait();
    if (--this.#opens > 0) return;
    for (const frame of this.#block!.frames) this.#nucleus.machine.memory.free(frame);
    this.#block = undefined;
  }

  /** Up to `count` bytes of a line, when there is one; none at the end of the input. */
  *read(count: number, into: Area): Steps<number> {
    if (count === 0) return 0;
    yield* this.#readLock.acquire();
    try {
      while (!this.#discipline.ready) yield* this.#typed.wait();
      if (this.#byMessage) messageToDriver(this.#nucleus);
      const bytes = this.#discipline.take(Math.min(count, into.bytes, MOST_INPUT));
      if (bytes.length === 0) return 0;
      const { machine, counters } = this.#nucleus;
      machine.memory.view(this.#block!.locate(0), bytes.length).set(bytes);
      yield* copy(machine, counters, this.#block!, 0, into, 0, bytes.length);
      return bytes.length;
    } finally {
      this.#readLock.release();
    }
  }

  /** Show `count` bytes; returns when the last of them wait to be sent. */
  *write(count: number, from: Area): Steps<number> {
    yield* this.#writeLock.acquire();
    try {
      for (let done = 0; done < count; ) {
        const piece = Math.min(count - done, MOST_OUTPUT);
        if (this.#output.length >= MOST_OUTPUT) while (this.#output.length > MOST_OUTPUT / 2) yield* this.#drained.wait();
        if (this.#byMessage) messageToDriver(this.#nucleus);
        const { machine, counters } = this.#nucleus;
        yield* copy(machine, counters, from, done, this.#block!, OUTPUT_AT, piece);
        yield* machine.sim.settle();
        this.#send(cooked([...machine.memory.view(this.#block!.locate(OUTPUT_AT), piece)]));
        done += piece;
      }
      return count;
    } finally {
      this.#writeLock.release();
    }
  }

  /** A character has come, or gone: take the processor's time for it, then go on. */
  #interrupt(event: () => void): void {
    const { costs, machine, traps } = this.#nucleus;
    this.#events.push(event);
    machine.processor.interrupt(LINE, costs.interruptNs + this.#characterNs, () => traps.interrupted(LINE));
  }

  #receive(byte: number): void {
    this.#discipline.receive(byte);
    if (this.#discipline.ready) this.#typed.wakeAll();
  }

  #send(bytes: readonly number[]): void {
    this.#output.push(...bytes);
    if (!this.#sending) this.#sendNext();
  }

  #sendNext(): void {
    const byte = this.#output.shift();
    this.#sending = byte !== undefined;
    if (this.#output.length <= MOST_OUTPUT / 2) this.#drained.wakeAll(); // or nothing is left
    if (byte !== undefined) this.#terminal.transmit(byte, () => this.#interrupt(() => this.#sendNext()));
  }
}
