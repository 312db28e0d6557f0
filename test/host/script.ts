/** Random programs: what they are made of, and how they are drawn. */
import fc from "fast-check";
import type { OpenOptions, Whence } from "../../lib/unix/interface.ts";

/** A descriptor: one of those open at the time (process.py says which), or a number that need not be one. */
export type Chosen = { pick: number } | number;

/** A system call; `Fd` is Chosen in a script and a number once it is made. */
export type Call<Fd = number> =
  | { call: "open"; path: string; options: OpenOptions }
  | { call: "creat" | "unlink" | "mkdir" | "stat"; path: string }
  | { call: "close" | "fsync"; fd: Fd }
  | { call: "read"; fd: Fd; count: number }
  /** `length` bytes of the pattern from `start` on. */
  | { call: "write"; fd: Fd; start: number; length: number }
  | { call: "lseek"; fd: Fd; offset: number; whence: Whence }
  | { call: "ftruncate"; fd: Fd; size: number }
  | { call: "exit"; status: number }
  | { call: "wait" | "getpid" | "pipe" }
  /** `child`: the number the new process goes by, once the call is made. */
  | { call: "fork"; child?: number };

/** A call for one of the processes that are awake, chosen by `process` modulo their number. */
export interface Step {
  process: number;
  call: Call<Chosen>;
}

/** One step; `undefined` (no step) is what steps shrink to. */
export type Script = (Step | undefined)[];

const PATTERN_BYTES = 1 << 17;
const BLOCK = 4096;
const LONGEST_WRITE = 5 * BLOCK + 7;

/** The bytes that write() writes; process.py has the same. */
const pattern = new Uint8Array(PATTERN_BYTES);
for (let i = 0, x = 1992; i < PATTERN_BYTES; i++) {
  x = (Math.imul(1664525, x) + 1013904223) >>> 0;
  pattern[i] = x >>> 24;
}

/** `length` bytes of the pattern from `start` on. */
export const patternBytes = (start: number, length: number): Uint8Array => pattern.subarray(start, start + length);

const pick = <T>(...choices: (readonly [weight: number, value: fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Names that exist often, and each way in which a path can be wrong. */
export const pathIn = (root: string): fc.Arbitrary<string> =>
  pick(
    [12, fc.constantFrom("/a", "/b", "/c").map((name) => root + name)],
    [12, fc.constantFrom("/d", "/d/a", "/d/b", "/d/e", "/d/e/a", "/d/e/b").map((name) => root + name)],
    [
      4,
      fc
        .constantFrom("/none/a", "/a/b", "/d/a/b", "/d/", "/a/", "/d/e/", "/d/../a", "/d/./a", "/d/.", "/d/..", "/d/e/../b", "//d//a", "/a/.", "/a/..")
        .map((name) => root + name),
    ],
    [1, fc.constantFrom(`/${"n".repeat(255)}`, `/d/${"é".repeat(127)}m`, `/${"n".repeat(256)}`, `/d/${"é".repeat(128)}`, `/${"o".repeat(300)}/a`).map((name) => root + name)],
    [1, fc.constantFrom("/", "")],
  );

/** Where in its files a program works: where the direct blocks begin, and what is reached over one or two indirect blocks. */
type Region = 0 | 12 | 24 | 1036;

/** Offsets in a file: mostly a few blocks around the beginning of `region`, a block number. */
const position = (region: Region): fc.Arbitrary<number> =>
  pick(
    [6, fc.integer({ min: -3 * BLOCK, max: 3 * BLOCK })],
    [4, fc.tuple(fc.constantFrom(-1, 0, 1 / 8, 1, 2, 4), fc.integer({ min: -2, max: 2 })).map(([blocks, by]) => blocks * BLOCK + by)],
    [1, fc.integer({ min: -region * BLOCK, max: 5 * BLOCK })],
    [1, fc.constant(-region * BLOCK)],
  ).map((by) => (region === 0 ? Math.abs(by) : region * BLOCK + by));

const length: fc.Arbitrary<number> = pick(
  [1, fc.constant(0)],
  [4, fc.integer({ min: 1, max: 100 })],
  [4, fc.constantFrom(511, 512, 513, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK)],
  [4, fc.integer({ min: 1, max: LONGEST_WRITE })],
);

const often = (weight: number): fc.Arbitrary<boolean> => pick([weight, fc.constant(true)], [10 - weight, fc.constant(false)]);

const options: fc.Arbitrary<OpenOptions> = pick<OpenOptions>(
  [3, fc.constant({ create: true })],
  [
    4,
    fc.record({
      access: pick([1, fc.constant("read" as const)], [1, fc.constant("write" as const)], [3, fc.constant("both" as const)]),
      create: often(7),
      exclusive: often(1),
      truncate: often(2),
      append: often(3),
    }),
  ],
);

const fd: fc.Arbitrary<Chosen> = pick<Chosen>(
  [30, fc.nat(15).map((n) => ({ pick: n }))],
  [1, fc.constantFrom(-1, 0, 1, 5, 63, 64, 1000)],
);

const read: fc.Arbitrary<Call<Chosen>> = fc.record({ call: fc.constant("read" as const), fd, count: length });

const write: fc.Arbitrary<Call<Chosen>> = fc.record({
  call: fc.constant("write" as const),
  fd,
  start: fc.integer({ min: 0, max: PATTERN_BYTES - LONGEST_WRITE }),
  length,
});

/** Calls on files below `root`, which exists or is nothing. */
const fileCall = (root: string, region: Region): fc.Arbitrary<Call<Chosen>> => {
  const path = pathIn(root);
  const place = position(region);
  return pick<Call<Chosen>>(
    [7, fc.record({ call: fc.constant("open" as const), path, options })],
    [6, fc.record({ call: fc.constantFrom("creat" as const, "unlink", "mkdir", "stat"), path })],
    [3, fc.record({ call: fc.constantFrom("close" as const, "fsync"), fd })],
    [14, read],
    [14, write],
    [9, fc.record({ call: fc.constant("lseek" as const), fd, offset: pick([2, fc.constant(0)], [5, place]), whence: fc.constant("set" as const) })],
    [4, fc.record({ call: fc.constant("lseek" as const), fd, offset: pick([1, place], [4, fc.integer({ min: -6000, max: 3000 })]), whence: fc.constantFrom("set" as const, "current", "end") })],
    [3, fc.record({ call: fc.constant("ftruncate" as const), fd, size: pick([20, place], [1, fc.constant(-1)]) })],
    [1, fc.constant({ call: "getpid" })],
  );
};

/** Calls that give the others something to work on. */
const openingCall = (root: string): fc.Arbitrary<Call<Chosen>> =>
  pick<Call<Chosen>>(
    [2, fc.constantFrom("/d", "/d/e").map((name) => ({ call: "mkdir", path: root + name }))],
    [3, fc.constantFrom("/a", "/b", "/d/a").map((name) => ({ call: "open", path: root + name, options: { create: true } }))],
    [1, write],
  );

const processCall: fc.Arbitrary<Call<Chosen>> = pick<Call<Chosen>>(
  [4, fc.constant({ call: "fork" })],
  [3, fc.constant({ call: "pipe" })],
  [2, fc.constant({ call: "wait" })],
  [2, fc.integer({ min: -1, max: 300 }).map((status) => ({ call: "exit", status }))],
);

/** Calls of processes that talk to each other. */
const talk: fc.Arbitrary<Call<Chosen>> = pick<Call<Chosen>>(
  [12, read],
  [12, write],
  [1, fd.map((which) => ({ call: "close", fd: which }))],
  [2, processCall],
  [2, fileCall("", 0)],
);

/** What a weight of 1 beside it makes of a choice that is there to be shrunk to. */
const NEVER = 1_000_000;

/** `count` calls of `process`, any of which can be taken out to find the shortest script that fails. */
function calls(count: number, process: fc.Arbitrary<number>, call: fc.Arbitrary<Call<Chosen>>): fc.Arbitrary<Script> {
  const step = fc.record({ process, call });
  const some = fc.oneof({ withCrossShrink: true }, { weight: 1, arbitrary: fc.constant(undefined) }, { weight: NEVER, arbitrary: step });
  return fc.array(some, { minLength: count, maxLength: count });
}

/** How many calls prepare what the others work on. */
const OPENING = 6;

/** `count` calls of `process`, beginning with those that prepare. */
const program = (count: number, process: fc.Arbitrary<number>, opening: fc.Arbitrary<Call<Chosen>>, call: fc.Arbitrary<Call<Chosen>>): fc.Arbitrary<Script> =>
  fc.tuple(calls(OPENING, process, opening), calls(count - OPENING, process, call)).map((parts) => parts.flat());

/** Programs of `count` calls, by up to six processes that take turns. Some work far into their files, some talk through pipes. */
export const turnsOf = (count: number): fc.Arbitrary<Script> => {
  const process = fc.nat(11);
  const filesAt = (region: Region) => program(count, process, openingCall(""), pick([10, fileCall("", region)], [1, processCall]));
  const firstPipe: Step = { process: 0, call: { call: "pipe" } };
  const talking = program(count - 1, process, fc.constantFrom({ call: "pipe" }, { call: "fork" }), talk).map((script) => [firstPipe, ...script]);
  return pick([4, filesAt(0)], [2, filesAt(12)], [1, filesAt(24)], [2, filesAt(1036)], [3, talking]);
};

/** How many processes of a script from `apartOf` or `sideBySideOf` there are besides the one that starts them. */
const SIDE_BY_SIDE = 3;

/** Programs of `count` calls, by processes that take turns at the same files and share no descriptors: they can be on any site. */
export const apartOf = (count: number): fc.Arbitrary<Script> => {
  const start = Array.from({ length: SIDE_BY_SIDE }, (): Step => ({ process: 0, call: { call: "fork" } }));
  const filesAt = (region: Region) => program(count, fc.nat(SIDE_BY_SIDE), openingCall(""), fileCall("", region));
  return pick([4, filesAt(0)], [2, filesAt(12)], [1, filesAt(1036)]).map((script) => [...start, ...script]);
};

/** Programs in which process 0 starts others, each with a directory for itself, so that they can run in any order. */
export const sideBySideOf = (count: number): fc.Arbitrary<Script> => {
  const numbers = Array.from({ length: SIDE_BY_SIDE }, (_, i) => i + 1);
  const programs = numbers.map((number) => {
    const root = `/${number}`;
    return program(Math.floor(count / SIDE_BY_SIDE), fc.constant(number), openingCall(root), fileCall(root, 12));
  });
  const start: Step[] = [
    ...numbers.map((number): Step => ({ process: 0, call: { call: "mkdir", path: `/${number}` } })),
    ...numbers.map((): Step => ({ process: 0, call: { call: "fork" } })),
  ];
  return fc.tuple(...programs).map((scripts) => [...start, ...scripts.flat()]);
};
