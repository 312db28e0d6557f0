/**
 * The benchmarks of single calls: Tables 5-2 and 5-5.
 *
 * Layer: workloads. Each makes one call over and over and reports the mean time of
 * one turn of the loop.
 */
import type { Steps } from "../engine/index.ts";
import { check } from "../schema/index.ts";
import type { Unix } from "../unix/interface.ts";
import type { System } from "../systems/system.ts";
import { atLeastOne, stopwatch } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const PATH = "/one-byte";

/** Time `turns` turns of what `prepare` returns, after one turn that is not measured. */
function loop(system: System, turns: number, prepare: (unix: Unix) => Steps<() => Steps<unknown>>, bytesPerTurn = 0): Measurement {
  check(atLeastOne, turns, "turns");
  return system.run(function* (unix) {
    const turn = yield* prepare(unix);
    yield* turn();
    const stop = stopwatch(system);
    for (let i = 0; i < turns; i++) yield* turn();
    return stop(turns, turns * bytesPerTurn);
  });
}

/** Into the kernel and out again: Table 5-2, "Null Trap". */
export const nullTrap = (system: System, turns = 400): Measurement =>
  loop(system, turns, function* (unix) {
    return () => unix.nullTrap();
  });

/** getpid(): Table 5-2, "Trap to Unix". */
export const getpid = (system: System, turns = 400): Measurement =>
  loop(system, turns, function* (unix) {
    return () => unix.getpid();
  });

/** lseek() to the beginning of a file: Table 5-5, "Lseek". */
export const lseek = (system: System, turns = 400): Measurement =>
  loop(system, turns, function* (unix) {
    const fd = yield* unix.open(PATH, { create: true });
    return () => unix.lseek(fd, 0);
  });

/** stat() of a file: a call that no library can serve by itself. */
export const fileStatus = (system: System, turns = 400): Measurement =>
  loop(system, turns, function* (unix) {
    yield* unix.close(yield* unix.open(PATH, { create: true }));
    return () => unix.stat(PATH);
  });

/** lseek() to the beginning and read() of one byte, always the same: Table 5-5, "Read". */
export const readOneByte = (system: System, turns = 400): Measurement =>
  loop(
    system,
    turns,
    function* (unix) {
      const fd = yield* unix.open(PATH, { create: true });
      yield* unix.write(fd, Uint8Array.of(1));
      return function* () {
        yield* unix.lseek(fd, 0);
        yield* unix.read(fd, 1);
      };
    },
    1,
  );

/** lseek() to the beginning and write() of one byte, always the same: Table 5-5, "Write". */
export const writeOneByte = (system: System, turns = 400): Measurement =>
  loop(
    system,
    turns,
    function* (unix) {
      const fd = yield* unix.open(PATH, { create: true });
      const byte = Uint8Array.of(1);
      yield* unix.write(fd, byte);
      return function* () {
        yield* unix.lseek(fd, 0);
        yield* unix.write(fd, byte);
      };
    },
    1,
  );
