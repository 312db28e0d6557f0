/** The simulated side: the calls of a trace, made again, and compared with what they gave. */
import { Mailbox } from "../../lib/engine/index.ts";
import type { Steps, Thread } from "../../lib/engine/index.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import type { System } from "../../lib/systems/system.ts";
import type { Program, Unix } from "../../lib/unix/interface.ts";
import { patternBytes } from "./script.ts";
import type { Call } from "./script.ts";
import { assertSame, describeEvent } from "./compare.ts";
import type { Event, Outcome, Trace } from "./host.ts";

/** Time enough for a process that is not asleep to finish any call that was asleep before. */
const GRACE_NS = 200_000_000;

/** Makes the calls of a trace on a system. */
class Replay {
  readonly #system: System;
  readonly #events: Event[];
  readonly #inTurn: boolean;
  readonly #programs = new Map<number, Mailbox<number>>(); // by process: places in the trace of the calls it is to make
  readonly #threads = new Map<number, Thread>();
  readonly #numbers = new Map<number, number>(); // of the processes, by pid
  readonly #outcomes = new Map<number, Outcome>(); // by place in the trace
  readonly #ended: Mailbox<number>;

  constructor(system: System, events: Event[], inTurn: boolean) {
    this.#system = system;
    this.#events = events;
    this.#inTurn = inTurn;
    this.#ended = new Mailbox(system.sim, "a call that ends");
  }

  run(): void {
    this.#system.sim.spawn("the director", this.#inTurn ? this.#direct() : this.#letGo());
    this.#system.run(this.#process(0));
    for (const at of this.#events.keys()) this.#compare(at);
  }

  /** Hand out the calls in the order of the trace, and see each end when it ended on the host. */
  *#direct(): Steps {
    const sleepers = new Set(this.#events.flatMap(({ woken }) => woken));
    const asleep = new Set<number>();
    for (const [at, { process, woken }] of this.#events.entries()) {
      yield* this.#program(process).put(at);
      if (sleepers.has(at)) asleep.add(at);
      else yield* this.#endOf(at);
      if (asleep.size > 0) yield* this.#system.sim.sleep(GRACE_NS);
      for (const sleeper of woken) {
        yield* this.#endOf(sleeper);
        asleep.delete(sleeper);
      }
      const early = [...asleep].find((sleeper) => this.#outcomes.has(sleeper));
      if (early !== undefined) throw new Error(`${describeEvent(early, this.#events[early]!)}: it ended before call ${at}, on the host it slept longer`);
    }
  }

  /** All calls at once: each process makes its own one after the other, and nobody waits for the others. */
  *#letGo(): Steps {
    for (const [at, { process }] of this.#events.entries()) yield* this.#program(process).put(at);
  }

  *#endOf(at: number): Steps {
    while (!this.#outcomes.has(at)) yield* this.#ended.get();
    const { process, call } = this.#events[at]!;
    if (call.call === "exit") yield* this.#system.sim.join(this.#threads.get(process)!); // others see it only then
    this.#compare(at);
  }

  #compare(at: number): void {
    assertSame(at, this.#events[at]!, this.#outcomes.get(at));
  }

  #program(process: number): Mailbox<number> {
    let program = this.#programs.get(process);
    if (program === undefined) this.#programs.set(process, (program = new Mailbox(this.#system.sim, `the next call of process ${process}`)));
    return program;
  }

  /** The program of a process: whatever the director says. */
  #process(number: number): Program {
    const replay = this;
    return function* (unix) {
      replay.#threads.set(number, replay.#system.sim.running());
      replay.#numbers.set(yield* unix.getpid(), number);
      for (;;) {
        const at = (yield* replay.#program(number).get())!;
        const { call } = replay.#events[at]!;
        if (call.call === "exit") yield* replay.#report(at, { value: null });
        try {
          yield* replay.#report(at, { value: yield* replay.#perform(unix, call) });
        } catch (error) {
          if (!(error instanceof UnixError)) throw error;
          yield* replay.#report(at, { error: error.code });
        }
      }
    };
  }

  *#report(at: number, outcome: Outcome): Steps {
    this.#outcomes.set(at, outcome);
    if (this.#inTurn) yield* this.#ended.put(at);
  }

  *#perform(unix: Unix, call: Call): Steps<unknown> {
    switch (call.call) {
      case "open":
        return yield* unix.open(call.path, call.options);
      case "creat":
        return yield* unix.creat(call.path);
      case "close":
        return noValue(yield* unix.close(call.fd));
      case "read":
        return Buffer.from(yield* unix.read(call.fd, call.count)).toString("base64");
      case "write":
        return yield* unix.write(call.fd, patternBytes(call.start, call.length));
      case "lseek":
        return yield* unix.lseek(call.fd, call.offset, call.whence);
      case "fsync":
        return noValue(yield* unix.fsync(call.fd));
      case "ftruncate":
        return noValue(yield* unix.ftruncate(call.fd, call.size));
      case "unlink":
        return noValue(yield* unix.unlink(call.path));
      case "mkdir":
        return noValue(yield* unix.mkdir(call.path));
      case "stat": {
        const { kind, links, size } = yield* unix.stat(call.path);
        return kind === "directory" ? { kind, links } : { kind, links, size };
      }
      case "pipe":
        return yield* unix.pipe();
      case "fork": {
        const { sites } = this.#system;
        if (sites > 1) {
          // Each process on the next site: they share files, but no descriptors.
          this.#system.start(this.#process(call.child!), { site: 1 + (call.child! % sites) });
          return call.child;
        }
        const pid = yield* unix.fork(this.#process(call.child!));
        const known = this.#numbers.get(pid); // if the child was faster
        this.#numbers.set(pid, call.child!);
        return known ?? call.child;
      }
      case "wait": {
        const { pid, status } = yield* unix.wait();
        return { child: this.#numbers.get(pid), status };
      }
      case "getpid":
        return this.#numbers.get(yield* unix.getpid());
      case "exit":
        return yield* unix.exit(call.status);
    }
  }
}

const noValue = (_: void): null => null;

/**
 * Make the calls of `trace` on `system`, in turn, or the processes' calls side by side.
 * @throws where the system gives something else than the host.
 */
export function replay(system: System, trace: Trace, { inTurn = true } = {}): void {
  new Replay(system, trace.events, inTurn).run();
}
