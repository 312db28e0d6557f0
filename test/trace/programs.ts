/** Random programs on files, and ways to build the systems that run them: what the properties of traces are asked of. */
import fc from "fast-check";
import type { Steps } from "../../lib/engine/index.ts";
import type { BootOptions, SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";
import type { Unix } from "../../lib/unix/interface.ts";

const PAGE = 4096;
/** A file that is on the disk, and its length. */
export const OLD = "/old";
export const OLD_BYTES = 24 * PAGE + 100;

type Call = ({ file: 0 | 1; seek?: number } & ({ read: number } | { write: number } | { fsync: true })) | { raw: number; sectors: number } | { pipe: number };

const place = fc.integer({ min: 0, max: OLD_BYTES });
const amount = fc.oneof(fc.constantFrom(1, PAGE, 2 * PAGE), fc.integer({ min: 1, max: 5 * PAGE }));
const file = fc.constantFrom<0 | 1>(0, 1);
const seek = fc.option(place, { nil: undefined });
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ file, seek, read: amount }) },
  { weight: 3, arbitrary: fc.record({ file, seek, write: amount }) },
  { weight: 1, arbitrary: fc.record({ file, fsync: fc.constant(true as const) }) },
  { weight: 1, arbitrary: fc.record({ raw: fc.nat(500), sectors: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ pipe: fc.integer({ min: 1, max: PAGE }) }) },
);

/** What one process does, and with its own files another one beside it. */
export const scripts = fc.tuple(fc.array(call, { minLength: 1, maxLength: 8 }), fc.option(fc.array(call, { minLength: 1, maxLength: 4 }), { nil: undefined }));
export type Script = [Call[], Call[] | undefined];

/** The program of a script; each byte that it writes tells which call wrote it. */
export function programOf([own, other]: Script, { rawDevice }: Pick<System, "rawDevice">): (unix: Unix) => Steps {
  return function* (unix) {
    if (other !== undefined) yield* unix.fork((child) => perform(child, other, "/other", rawDevice));
    yield* perform(unix, own, "/new", rawDevice);
    if (other !== undefined) yield* unix.wait();
  };
}

function* perform(unix: Unix, calls: readonly Call[], fresh: string, rawDevice: string): Steps {
  const descriptors = [yield* unix.open(OLD), yield* unix.open(fresh, { create: true })];
  const [raw, [out, into]] = [yield* unix.open(rawDevice, { access: "read" }), yield* unix.pipe()];
  for (const [i, one] of calls.entries()) {
    if ("raw" in one) {
      yield* unix.lseek(raw, one.raw * 512);
      yield* unix.read(raw, one.sectors * 512);
      continue;
    }
    if ("pipe" in one) {
      yield* unix.write(into, new Uint8Array(one.pipe).fill(i + 1));
      yield* unix.read(out, one.pipe);
      continue;
    }
    const fd = descriptors[one.file]!;
    if (one.seek !== undefined) yield* unix.lseek(fd, one.seek);
    if ("read" in one) yield* unix.read(fd, one.read);
    else if ("write" in one) yield* unix.write(fd, new Uint8Array(one.write).fill(i + 1));
    else yield* unix.fsync(fd);
  }
}

const machine = { base: "hp-vectra", disk: { cylinders: 60 }, memory: { sizeMB: 2 } } as const;
const large = { fileSystem: { blockBytes: 8192 } };

/** Ways to build each system. */
const ways: Record<SystemName, object[]> = {
  mach3: [{}, large, { pager: { interface: "data_supply", throughBufferCache: false, readBytes: 16384 } }, { mapping: { tokenPassive: false } }, { mapping: { mappedFiles: false } }, { structure: { calls: "handler" } }],
  mach26: [{}, large],
  mix: [{}, large, { structure: { servers: "user" } }, { structure: { emulationLibrary: true } }, { om: { readAhead: 2, asyncPushOut: true } }],
  svr4: [{}, large],
};

/** A way to build `name`, on a small machine, with any seed. */
export const builds = (name: SystemName): fc.Arbitrary<BootOptions> =>
  fc.record({ way: fc.constantFrom(...ways[name]), seed: fc.integer({ min: 1, max: 99 }) })
    .map(({ way, seed }) => ({ machine, seed, ...(name === "mix" ? { ...way, om: { swapMB: 2, ...(way as { om?: object }).om } } : way) }) as BootOptions);
