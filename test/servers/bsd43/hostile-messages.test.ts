/**
 * A process that sends the server messages which no library sends: "the BSD4.3 Single Server does
 * not trust the Emulation Library" (section 4.1.1). It gets an errno or is killed, and nobody else notices.
 */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { MachError, machMsgRpc, machMsgSend, vmAllocate, vmDeallocate } from "../../../lib/kernels/mach3/index.ts";
import type { Message, PortItem, PortName } from "../../../lib/kernels/mach3/index.ts";
import type { ServerProcess } from "../../../lib/servers/bsd43/processes.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bytesOf, errorOf, soundImage } from "../../unix/small.ts";

const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;
const PAGE = 4096;

const WAYS = {
  "mapped files": {}, "a bounce buffer": { mappedFiles: false }, "data in messages": { mappedFiles: false, sharedPages: false },
} as const;
type Way = keyof typeof WAYS;

const systemWith = (way: Way): System => {
  const system = boot("mach3", { machine, mapping: WAYS[way] });
  system.prepare({ "/file": 20_000 });
  return system;
};
const serverOf = (system: System): Bsd43Server => system.os as unknown as Bsd43Server;

function* selfOf(system: System, unix: Unix): Steps<ServerProcess> {
  return serverOf(system).processes.get(yield* unix.getpid());
}

/** A send right of `self` to the port that its library sends to. */
const portOf = ({ processes, task }: Bsd43Server, self: ServerProcess): PortName => {
  expect(processes.get(self.process.pid)).toBe(self);
  return self.task.names.copyout(task.names.copyin(self.requests, "make-send"));
};

/** What the server holds: pages of its address space, names of rights but for its threads' own reply ports, free frames. */
function held(system: System): Record<string, number> {
  const { task, machine: { memory } } = serverOf(system);
  const { names } = task;
  return {
    pages: [...task.map.entries()].reduce((sum, { start, end }) => sum + (end - start) / PAGE, 0),
    names: names.names().filter((name) => !(names.rights(name).receive && names.receiveRight(name).name.startsWith("replies to"))).length,
    freeFrames: memory.freeFrames,
  };
}

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

describe("a message that no library sends", () => {
  /** What a call of a child with `/file` open as descriptor 0 is answered with, and the status with which the child ends. */
  function answerTo(way: Way, name: string, args: readonly unknown[]): [string, number] {
    const system = systemWith(way);
    return system.run(function* (unix) {
      let answer = "";
      yield* unix.fork(function* (child) {
        yield* child.open("/file");
        answer = yield* errorOf((yield* selfOf(system, child)).library.call(name, args));
        return 7;
      });
      const { status } = yield* unix.wait();
      return [answer, status];
    });
  }

  it("is answered with an errno: of a call that there is not, of arguments of other types, of a mapped file's data", () => {
    const wrong: [string, readonly unknown[], string][] = [
      ["bogus", [], "ENOSYS"], ["toString", [], "ENOSYS"], ["constructor", [], "ENOSYS"],
      ["open", [5, {}], "EINVAL"], ["open", ["/file"], "EINVAL"], ["open", ["/file", { access: "all" }], "EINVAL"], ["close", ["length"], "EINVAL"], ["close", [-1], "EBADF"], ["close", [1.5], "EBADF"],
      ["write", [0, "abc"], "EINVAL"], ["write", [0, { length: 5 }], "EINVAL"], ["write", [0, 1.5], "EINVAL"], ["read", [0, 1.5], "EINVAL"], ["fork", [], "EINVAL"], ["getrlimit", [99], "EINVAL"],
      ["lseek", [0, 5, "foo"], "EINVAL"], ["sigblock", ["x"], "EINVAL"], ["stat", [{}], "EINVAL"], ["exit", [], "EINVAL"],
    ];
    for (const way of Object.keys(WAYS) as Way[]) {
      for (const [name, args, errno] of wrong) expect([name, args, ...answerTo(way, name, args)]).toEqual([name, args, errno, 7]);
    }
    expect(answerTo("mapped files", "read", [0, 10])).toEqual(["EINVAL", 7]);
    expect(answerTo("mapped files", "write", [0, 10])).toEqual(["EINVAL", 7]);
    expect(answerTo("a bounce buffer", "read", [0, 10])).toEqual(["none", 7]);
  });

  it("ends the process, and once, if it says so; what follows has nobody to go to", () => {
    const system = systemWith("mapped files");
    const errors: string[] = [];
    const status = system.run(function* (unix) {
      yield* unix.fork(function* (child) {
        const { library } = yield* selfOf(system, child);
        yield* library.call("exit", [3]);
        for (const attempt of [library.call("exit", [4]), child.stat("/"), child.open("/file")]) errors.push(yield* errorOf(attempt));
        return 5;
      });
      const { status } = yield* unix.wait();
      expect(yield* errorOf(unix.wait())).toBe("ECHILD");
      return status;
    });
    expect(status).toBe(3);
    expect(errors).toEqual(["ESRCH", "ESRCH", "ESRCH"]);
  });

  it("is its sender's, whoever it says that it is from", () => {
    const system = systemWith("mapped files");
    system.run(function* (unix) {
      const fd = yield* unix.open("/file");
      const parent = yield* unix.getpid();
      yield* unix.fork(function* (child) {
        const self = yield* selfOf(system, child);
        const local = self.task.names.allocatePort("answers", 1);
        const ask = (name: string, args: unknown[]) => machMsgRpc(self.task, { id: "unix_call", remote: portOf(serverOf(system), self), local, data: { pid: parent, name, args } }, local);
        expect((yield* ask("getpid", [])).data).toEqual({ result: self.process.pid, errno: undefined });
        expect((yield* ask("close", [fd])).data).toEqual({ result: undefined, errno: undefined });
        expect(yield* errorOf(child.close(fd)), "its own descriptor is closed").toBe("EBADF");
      });
      yield* unix.wait();
      expect((yield* unix.read(fd, 10)).length).toBe(10);
    });
  });

  it("leaves no memory and no rights in the server beyond those that its call takes, with an answer or without", () => {
    const system = systemWith("a bounce buffer");
    system.run(function* (unix) {
      const self = yield* selfOf(system, unix);
      const { task } = self;
      const remote = portOf(serverOf(system), self);
      const item = { address: vmAllocate(task, PAGE), bytes: PAGE };
      const extra = task.names.allocatePort("extra", 1);
      const before = held(system);
      for (let i = 0; i < 5; i++) {
        const data = { name: ["getpid", "bogus"][i % 2], args: [] };
        const ports: PortItem[] = [{ name: extra, disposition: "make-send" }, { name: extra, disposition: "make-send-once" }, { name: remote, disposition: "copy-send" }, { name: task.names.allocatePort("gone", 1), disposition: "move-receive" }];
        yield* machMsgSend(task, { id: "unix_call", remote, data, memory: [item, item], ports });
        yield* system.sim.sleep(10_000_000);
        expect(held(system)).toEqual(before);
      }
      const fd = yield* unix.open("/file");
      yield* machMsgSend(task, { id: "unix_call", remote, data: { name: "read", args: [fd, 15_000] } });
      yield* system.sim.sleep(1e9);
      expect({ ...held(system), freeFrames: 0 }, "what was read for nobody").toEqual({ ...before, freeFrames: 0 });
      expect(yield* unix.lseek(fd, 0, "current")).toBe(15_000);
    });
  });

  it("before the last one is answered ends the process, which may sleep in its call; it takes no threads from others", () => {
    const system = systemWith("mapped files");
    system.run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      yield* unix.fork(function* (child) {
        yield* child.close(writer);
        const self = yield* selfOf(system, child);
        const remote = portOf(serverOf(system), self);
        for (;;) yield* machMsgSend(self.task, { id: "unix_call", remote, data: { name: "read", args: [reader, 1] } });
      });
      expect((yield* unix.wait()).status).toBe(137);
      yield* unix.write(writer, bytesOf(1));
      expect(yield* unix.read(reader, 10)).toEqual(bytesOf(1));
    });
  });

  it("of a process without room in its address space is ENOMEM where the server has something to put there", () => {
    for (const way of Object.keys(WAYS) as Way[]) {
      const system = systemWith(way);
      system.run(function* (unix) {
        yield* unix.open("/file");
        yield* unix.fork(function* () {});
        yield* unix.wait();
      });
      const free = held(system);
      system.run(function* (unix) {
        yield* unix.fork(function* (child) {
          const fd = yield* child.open("/file");
          const { task, library } = yield* selfOf(system, child);
          for (const { start, end } of [...task.map.entries()]) vmDeallocate(task, start, end - start); // a child would have room where this has what it does not inherit
          for (let bytes = 2 ** 31; bytes >= PAGE; ) {
            try {
              vmAllocate(task, bytes);
            } catch {
              bytes /= 2;
            }
          }
          expect(yield* errorOf(child.fork(function* () {}))).toBe("ENOMEM");
          if (way === "mapped files") expect(yield* errorOf(library.call("remap", [fd, 0, "read"]))).toBe("ENOMEM");
          return 7;
        });
        expect((yield* unix.wait()).status).toBe(7);
        yield* unix.fork(function* () {});
        expect((yield* unix.wait()).status).toBe(0);
      });
      expect(held(system)).toEqual(free);
    }
  });
});
