/**
 * Scenes: the calls that the paper follows step by step, ready to be looked at.
 *
 * Layer: trace; sections 3 and 4. Each is one call of a program that has done before
 * what would only distract: opened the file, taken the Token, touched its buffer.
 */
import type { Steps } from "../engine/index.ts";
import { PAGE_BYTES } from "../hardware/memory.ts";
import { InputError, suggest } from "../schema/index.ts";
import { boot } from "../systems/boot.ts";
import type { BootOptions, SystemName } from "../systems/boot.ts";
import type { Program, Unix } from "../unix/interface.ts";
import { sequence } from "./sequence.ts";
import type { Sequence } from "./sequence.ts";
import { trace } from "./trace.ts";
import type { Operation, Trace } from "./trace.ts";

const FILE_PAGES = 32;

/** A call of a traced program. */
export interface Scene {
  readonly trace: Trace;
  readonly operation: Operation;
  readonly sequence: Sequence;
}

/** A page of an open file that is not its neighbour's, so that nothing is read ahead, in a window that is there. */
function* readPage(unix: Unix): Steps {
  const fd = yield* unix.open("/file", { access: "read" });
  for (const page of [2, 8]) {
    yield* unix.lseek(fd, page * PAGE_BYTES);
    yield* unix.read(fd, PAGE_BYTES);
  }
}

/** The programs; the last call of each is the scene. */
const programs = {
  /** Figure 3-1: a call that the servers answer from memory. */
  *stat(unix) {
    for (let i = 0; i < 2; i++) yield* unix.stat("/file");
  },
  /** Figure 4-1, and 4-2 with arrows b: a page of an open file that is only on the disk. */
  "read from disk": readPage,
  /** Figure 4-2 with arrows a: a page that is in memory, through another descriptor. */
  *"read from memory"(unix) {
    yield* readPage(unix);
    yield* readPage(unix);
  },
  /** Sections 4.2 and 4.4: a file grows by a page. */
  *write(unix) {
    const fd = yield* unix.creat("/new");
    for (let i = 0; i < 2; i++) yield* unix.write(fd, new Uint8Array(PAGE_BYTES));
  },
  /** Section 4.2: what was written goes to the disk. */
  *fsync(unix) {
    const fd = yield* unix.creat("/new");
    yield* unix.write(fd, new Uint8Array(PAGE_BYTES));
    yield* unix.fsync(fd);
  },
  /** Section 3.2: a stream, with which servers have to do that files do not need. */
  *"write to a pipe"(unix) {
    const [, end] = yield* unix.pipe();
    for (let i = 0; i < 2; i++) yield* unix.write(end, new Uint8Array(512));
  },
} satisfies Record<string, Program<void>>;

export type SceneName = keyof typeof programs;
export const sceneNames = Object.keys(programs) as SceneName[];

/**
 * The scene called `what` on a system booted with `options`.
 * @throws InputError for a scene, a system or an option that does not exist.
 */
export function scene<N extends SystemName>(name: N, what: SceneName, options: BootOptions<N> = {}): Scene {
  if (!Object.hasOwn(programs, what)) throw new InputError(`unknown scene "${what}"${suggest(what, sceneNames)}`);
  const system = boot(name, options);
  system.prepare({ "/file": FILE_PAGES * PAGE_BYTES });
  const traced = trace(system, programs[what] as Program<void>);
  const operation = traced.operations.at(-1)!;
  return { trace: traced, operation, sequence: sequence(traced, operation) };
}
