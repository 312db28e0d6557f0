/** A process that sends the server messages of nonsense, at random, while others work (section 4.1.1). */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { MachError, machMsgRpc, machMsgSend, vmAllocate } from "../../../lib/kernels/mach3/index.ts";
import type { Message, PortItem } from "../../../lib/kernels/mach3/index.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bytesOf, errorOf, soundImage } from "../../unix/small.ts";
import { held, PAGE, portOf, selfOf, serverOf, systemWith, WAYS } from "./client.ts";
import type { Way } from "./client.ts";

/** A process that works on files of its own, and on one that it shares with others. */
function* work(unix: Unix, rounds: number): Steps {
  const fd = yield* unix.open("/own", { create: true, truncate: true });
  for (let i = 1; i <= rounds; i++) {
    expect(yield* unix.write(fd, bytesOf(6000, i))).toBe(6000);
    yield* unix.lseek(fd, -6000, "current");
    expect(yield* unix.read(fd, 6000)).toEqual(bytesOf(6000, i));
    expect((yield* unix.stat("/own")).size).toBe(6000 * i);
  }
  yield* unix.fsync(fd);
  yield* unix.close(fd);
}

const NAMES: readonly unknown[] = [
  "open", "read", "write", "lseek", "mkdir", "mkfifo", "lockf", "stat", "unlink", "pipe", "fsync", "ftruncate", "close", "remap", "getpid", "getuid", "getrlimit", "sigblock", "sigsetmask",
  "fork", "wait", "token_request", "token_release", "lock_wakeup", "open", "read", "write", "remap", "close", "bogus", "toString", "constructor", "__proto__", "", 5, null, undefined,
];
const ARGUMENTS: readonly unknown[] = [
  0, 1, 2, 3, 4, 63, 64, -1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 60, 100, 8192, 70_000, "length", "", "/h", "/h/", "/d", "/d/x", "/pipe", "set", "end", "read", "write", "x".repeat(2000),
  undefined, null, true, {}, { access: "read" }, { access: "write", create: true }, { create: true, truncate: true }, { access: "no" }, [], new Uint8Array(10), new Uint8Array(9000), { length: 5 }, function* () {},
];

/** Messages of nonsense, `count` of them, from a process. */
function* hostile(system: System, unix: Unix, random: RandomStream, count: number): Steps {
  const server = serverOf(system);
  const self = yield* selfOf(system, unix);
  const { task } = self;
  const remote = portOf(server, self);
  const upTo = (most: number): number => Math.floor(random.uniform() * most);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  const memory = vmAllocate(task, 8 * PAGE);
  const rights: readonly (() => PortItem)[] = [
    () => ({ name: task.names.allocatePort("extra", 1), disposition: "move-receive" }),
    () => ({ name: task.names.allocatePort("extra", 1), disposition: "make-send" }),
    () => ({ name: task.names.allocatePort("extra", 1), disposition: "make-send-once" }),
    () => ({ name: remote, disposition: "copy-send" }),
  ];
  for (let i = 0; i < count; i++) {
    const args = Array.from({ length: upTo(4) }, () => pick(ARGUMENTS));
    const name = i > 30 && upTo(30) === 0 ? "exit" : pick(NAMES);
    const message: Message = {
      id: upTo(20) === 0 ? "nonsense" : "unix_call", remote,
      data: upTo(10) > 0 ? { name, args } : pick<unknown>([undefined, null, 7, "open", { name }, { name, args: 5 }, { args }]),
      memory: Array.from({ length: Math.max(0, upTo(6) - 2) }, () => ({ address: memory, bytes: 1 + upTo(8 * PAGE) })),
      ports: Array.from({ length: Math.max(0, upTo(6) - 2) }, () => pick(rights)()),
    };
    try {
      if (upTo(4) === 0) yield* machMsgSend(task, message);
      else {
        const local = task.names.allocatePort("answers", 1);
        const { memory: [sent] } = yield* machMsgRpc(task, { ...message, local }, local, 1e9);
        expect(sent?.bytes ?? 1).toBeGreaterThan(0);
      }
    } catch (error) {
      if (!(error instanceof MachError)) throw error;
    }
    if (upTo(3) === 0) yield* system.sim.sleep(upTo(20_000_000));
  }
}

describe("nonsense in messages", () => {
  it.each(Object.keys(WAYS) as Way[])("does nothing to others and leaves nothing in the server, with %s", (way) => {
    const system = systemWith(way);
    let before: Record<string, number> | undefined;
    for (let seed = 0; seed <= 8; seed++) {
      try {
        system.run(function* (unix) {
          let ended = seed === 0;
          if (!ended) yield* unix.fork(function* (child) {
            try {
              yield* hostile(system, child, new RandomStream(seed, way), 60);
            } finally {
              ended = true; // or it has been killed
            }
          });
          yield* work(unix, 8);
          while (!ended) yield* system.sim.sleep(100_000_000);
          if (seed > 0) yield* unix.wait();
          for (const path of ["/h", "/pipe"]) yield* errorOf(unix.unlink(path));
        });
        before ??= held(system);
        expect(held(system)).toEqual(before);
        expect(soundImage(system).read("/own").length).toBe(48_000);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
});
