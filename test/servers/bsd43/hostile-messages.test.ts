/**
 * A process that sends the server messages which no library sends: "the BSD4.3 Single Server does
 * not trust the Emulation Library" (section 4.1.1). It gets an errno or is killed, and nobody else notices.
 */
import { describe, expect, it } from "vitest";
import { machMsgRpc, machMsgSend, vmAllocate, vmDeallocate } from "../../../lib/kernels/mach3/index.ts";
import type { PortItem } from "../../../lib/kernels/mach3/index.ts";
import { bytesOf, errorOf } from "../../unix/small.ts";
import { held, PAGE, portOf, selfOf, serverOf, systemWith, WAYS } from "./client.ts";
import type { Way } from "./client.ts";

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

  it("with more memory than there is room for in the server, or one that it would keep for ever, takes none from others", () => {
    const system = systemWith("a bounce buffer");
    system.run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      const names = ["read", "write", "stat"];
      for (const name of names) yield* unix.fork(function* (child) {
        const self = yield* selfOf(system, child);
        const remote = portOf(serverOf(system), self);
        const item = { address: vmAllocate(self.task, 2 ** 31), bytes: 2 ** 31 };
        const data = { name, args: name === "read" ? [reader, 1] : name === "write" ? [writer, 1] : ["/file"] };
        yield* machMsgSend(self.task, { id: "unix_call", remote, data, memory: [item, item] });
        yield* system.sim.sleep(1e9);
      });
      yield* system.sim.sleep(500_000_000);
      expect(held(system)["pages"], "in the server").toBeLessThan(1000);
      expect((yield* unix.read(yield* unix.open("/file"), 20_000)).length).toBe(20_000);
      yield* unix.write(writer, bytesOf(1));
      for (const _ of names) yield* unix.wait();
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
          expect(yield* errorOf(child.read(fd, 20_000))).toBe("ENOMEM");
          expect(yield* errorOf(child.write(fd, bytesOf(20_000)))).toBe("ENOMEM");
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
