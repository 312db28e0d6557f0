/**
 * A booted system: a machine, the operating system on it, and a way to run programs.
 *
 * Layer: systems. All four systems look the same from here: programs talk to the
 * Unix interface, benchmarks to System.
 */
import { z } from "zod";
import type { Simulation, Steps, Thread } from "../engine/index.ts";
import { populate } from "../fs/populate.ts";
import { readImage } from "../fs/image.ts";
import type { Image } from "../fs/image.ts";
import type { Machine, MachineCounts } from "../hardware/machine.ts";
import type { Terminal } from "../hardware/terminal.ts";
import { check, InputError } from "../schema/index.ts";
import type { Program } from "../unix/interface.ts";
import { observed } from "../unix/observed.ts";
import type { SystemName } from "./boot.ts";

const preparedFiles = z.record(z.string(), z.union([z.instanceof(Uint8Array), z.int().min(0)]));

/** What a machine and the system on it have done, counted by name. */
export interface Counts extends MachineCounts {
  /** Entries into the kernel by a trap. */
  traps: number;
  /** Messages sent, answers included; 0 where there are none. */
  messages: number;
  /** What else the kernel counts, such as framesStolen of Mach 3.0. */
  readonly [name: string]: number;
}

/** What each operating system offers to its System. */
export interface OperatingSystem {
  /** Path of the raw disk. */
  rawDevice: string;
  /** Bytes of file data that stay in memory at most. */
  cacheBytes: number;
  /** What its kernel has counted since it was booted, an object of the caller's own. */
  counters(): { traps: number; messages: number };
  /** Find the file system on the disk and use it. */
  mount(): Steps;
  /** Bring everything to the disk and forget it. */
  unmount(): Steps;
  /** Somebody at a keyboard and a screen, where there is a tty: /dev/tty. */
  readonly terminal?: Terminal;
  /** The machines of all its sites, if it can have several. */
  readonly machines?: readonly Machine[];
  /** Run `program` in a new process of a site, by its number from 1, child of none; its thread ends with what the program returns. */
  execute<T>(program: Program<T>, site: number): Thread<T>;
}

/** Where a program runs. */
export interface RunOptions {
  /** Number of the site, from 1: a system with several, such as mix with structure.sites 2, has one on each machine. */
  site?: number;
}

export class System {
  readonly name: SystemName;
  readonly sim: Simulation;
  readonly machine: Machine;
  readonly os: OperatingSystem;

  /** Mounts the file system that is on the machine's disk. */
  constructor(name: SystemName, machine: Machine, os: OperatingSystem) {
    this.name = name;
    this.sim = machine.sim;
    this.machine = machine;
    this.os = os;
    this.#perform("mount", this.os.mount());
  }

  /** Path of the raw disk, for open(). */
  get rawDevice(): string {
    return this.os.rawDevice;
  }

  /** Keyboard and screen of the machine, or of the first site: CHORUS/MiX has them, as /dev/tty. @throws InputError elsewhere */
  get terminal(): Terminal {
    const { terminal } = this.os;
    if (terminal === undefined) throw new InputError(`system ${this.name} has no terminal; "mix" has one, /dev/tty`);
    return terminal;
  }

  /** Bytes of file data that stay in memory at most. */
  get cacheBytes(): number {
    return this.os.cacheBytes;
  }

  /** What machine and system have done since they were booted. */
  counts(): Counts {
    return this.tally()();
  }

  /** The same, put together when it is asked for: who wants to know it before and after every call of a program spends next to nothing on it. */
  tally(): () => Counts {
    const counters = this.os.counters();
    const [counts, ...others] = (this.os.machines ?? [this.machine]).map((machine) => machine.counts()) as [MachineCounts, ...MachineCounts[]];
    return () => {
      const all = { ...counts };
      for (const other of others) for (const [name, count] of Object.entries(other) as [keyof MachineCounts, number][]) all[name] += count;
      return { ...counters, ...all };
    };
  }

  /** How many sites there are, each a machine with the system on it. */
  get sites(): number {
    return this.os.machines?.length ?? 1;
  }

  /**
   * Run `program` in a new process until it and all its children have ended, and all that was
   * started before.
   * @returns what the program returns.
   * @throws what the program throws; DeadlockError if it can never end; InputError for a site that is none.
   */
  run<T>(program: Program<T>, options: RunOptions = {}): T {
    const thread = this.start(program, options);
    this.sim.run();
    return thread.result as T;
  }

  /**
   * Start `program` in a new process, which goes on beside the next that is run. It begins
   * after part of a revolution, so that it finds the platter anywhere and not where the
   * last transfer left it.
   * @returns its thread; when it has ended, `result` is what the program returned.
   * @throws InputError for a site that is none.
   */
  start<T>(program: Program<T>, options: RunOptions = {}): Thread<T> {
    const { sim } = this;
    const { site } = check(z.strictObject({ site: z.int().min(1).max(this.sites).default(1) }), options, "options of a run");
    const pauseNs = Math.floor(sim.stream("pause").uniform() * (60e9 / this.machine.spec.disk.rpm));
    return this.os.execute(function* (unix) {
      yield* sim.sleep(pauseNs);
      return yield* program(observed(sim, unix));
    }, site);
  }

  /**
   * Put files on the disk as if they had been there before the system was booted: laid out
   * by the file system's own policy, and nothing of them in memory.
   * @param files path and contents, or length in bytes.
   * @throws InputError for a length that is none; UnixError as creating and writing the file would: it is then not there.
   */
  prepare(files: Record<string, Uint8Array | number>): void {
    const checked = check(preparedFiles, files, "files to prepare");
    this.#perform("unmount", this.os.unmount());
    try {
      for (const [path, contents] of Object.entries(checked)) populate(this.machine.controller.store, path, contents);
    } finally {
      this.#perform("mount", this.os.mount());
    }
  }

  /** The disk's file system with everything written back, for reading and checking without the system. */
  image(): Image {
    this.#perform("unmount", this.os.unmount());
    const image = readImage(this.machine.controller.store);
    this.#perform("mount", this.os.mount());
    return image;
  }

  /** What `work` gives on this system, which then ends. */
  use<T>(work: (system: System) => T): T {
    try {
      return work(this);
    } finally {
      this.end();
    }
  }

  /** Leave the memory of the machine to the next one that is booted, which is then up sooner. Nothing can be asked of this system any more. */
  end(): void {
    this.machine.memory.end();
  }

  #perform(what: string, steps: Steps): void {
    this.sim.spawn(what, steps, { processor: this.machine.processor });
    this.sim.run();
  }
}
