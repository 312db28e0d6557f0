import { describe, expect, it } from "vitest";
import {
  MachError, machMsgReceive, machMsgRpc, machMsgSend, NULL_TRAP, replyTo, taskSetEmulation, taskTerminate, threadCreate, trap, userRead, userWrite, vmAllocate,
} from "../../../lib/kernels/mach3/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import type { PortName, Received, Task } from "../../../lib/kernels/mach3/index.ts";
import { rig } from "./rig.ts";

/** A port of `server` with a send right in `client`: [name in server, name in client]. */
function connect(server: Task, client: Task, limit = 5): [PortName, PortName] {
  const name = server.names.allocatePort("service", limit);
  return [name, client.names.copyout(server.names.copyin(name, "make-send"))];
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof MachError) return error.code;
    throw error;
  }
  return "none";
};

describe("messages", () => {
  it("a null RPC between two user tasks takes the 310 us of Table 5-2", () => {
    const { sim, kernel, task, run } = rig();
    const [server, client] = [task("server"), task("client")];
    const [service, port] = connect(server, client);
    threadCreate(server, "server", (function* () {
      let request: Received = yield* machMsgReceive(server, service);
      for (;;) request = yield* machMsgRpc(server, replyTo(request, undefined), service);
    })(), { daemon: true });
    const perRpcUs = run(client, (function* () {
      const local = client.replyPort();
      const rpc = () => machMsgRpc(client, { id: "null", remote: port, local, data: undefined }, local);
      yield* rpc();
      yield* sim.settle();
      const begin = sim.now;
      for (let i = 0; i < 100; i++) yield* rpc();
      yield* sim.settle();
      return (sim.now - begin) / 100 / 1000;
    })());
    expect(perRpcUs).toBeCloseTo(310, 6);
    expect(kernel.counters.messages).toBe(202);
    expect(kernel.counters.addressSpaceSwitches).toBeGreaterThanOrEqual(202);
  });

  it("arrive in order, with their data, and rights under the receiver's names", () => {
    const { task, run } = rig();
    const [a, b] = [task("a"), task("b")];
    const [service, port] = connect(b, a);
    const extra = a.names.allocatePort("extra", 5);
    const got: unknown[] = [];
    threadCreate(b, "b", (function* () {
      for (let i = 0; i < 3; i++) {
        const message = yield* machMsgReceive(b, service);
        got.push(message.data);
        if (message.ports.length > 0) yield* machMsgSend(b, { id: "back", remote: message.ports[0]!, data: "through the right" });
      }
    })());
    const answer = run(a, (function* () {
      yield* machMsgSend(a, { id: "x", remote: port, data: 1 });
      yield* machMsgSend(a, { id: "x", remote: port, data: { two: 2 } });
      yield* machMsgSend(a, { id: "x", remote: port, data: 3, ports: [{ name: extra, disposition: "make-send" }] });
      return (yield* machMsgReceive(a, extra)).data;
    })());
    expect(got).toEqual([1, { two: 2 }, 3]);
    expect(answer).toBe("through the right");
  });

  it("bring no memory that the receiver has no room for, and what they brought is free again", () => {
    const { kernel, machine, task, run } = rig();
    const [a, b] = [task("a"), task("b")];
    const [service, port] = connect(b, a);
    const [lists, free] = [[false, true], machine.memory.freeFrames];
    run(a, (function* () {
      for (let bytes = 2 ** 31; bytes >= 4096; ) if (codeOf(() => vmAllocate(b, bytes)) !== "none") bytes /= 2;
      for (const pageList of lists) {
        const address = vmAllocate(a, 8192);
        yield* userWrite(a, address, new Uint8Array(8192));
        yield* machMsgSend(a, { id: "x", remote: port, data: pageList, memory: [{ address, bytes: 8192, deallocate: true, pageList }] });
      }
    })());
    run(b, (function* () {
      for (const data of lists) expect(yield* machMsgReceive(b, service)).toMatchObject({ data, memory: [] });
    })());
    expect(kernel.counters.outOfLineBytes).toBe(2 * 8192);
    expect(machine.memory.freeFrames).toBe(free);
  });

  it("a sender waits while the queue is full, and its time-out ends the wait", () => {
    const { sim, task, run } = rig();
    const [a, b] = [task("a"), task("b")];
    const [service, port] = connect(b, a, 2);
    const events: string[] = [];
    run(a, (function* () {
      yield* machMsgSend(a, { id: "x", remote: port, data: 1 });
      yield* machMsgSend(a, { id: "x", remote: port, data: 2 });
      try {
        yield* machMsgSend(a, { id: "x", remote: port, data: 3 }, 1_000_000);
      } catch (error) {
        events.push((error as MachError).code);
      }
      threadCreate(b, "b", (function* () {
        yield* sim.sleep(5_000_000);
        for (let i = 0; i < 3; i++) events.push(`got ${(yield* machMsgReceive(b, service)).data}`);
      })());
      yield* machMsgSend(a, { id: "x", remote: port, data: 4 });
      events.push("sent 4");
    })());
    expect(events).toEqual(["MACH_SEND_TIMED_OUT", "got 1", "sent 4", "got 2", "got 4"].sort((x, y) => events.indexOf(x) - events.indexOf(y)));
    expect(events.indexOf("sent 4")).toBeGreaterThan(events.indexOf("got 1"));
    expect(events).toHaveLength(5);
  });

  it("a receive that times out says so and takes nothing", () => {
    const { task, run, sim } = rig();
    const a = task("a");
    const name = a.names.allocatePort("empty", 5);
    run(a, (function* () {
      const begin = sim.now;
      try {
        yield* machMsgReceive(a, name, 2_000_000);
        expect.unreachable();
      } catch (error) {
        expect((error as MachError).code).toBe("MACH_RCV_TIMED_OUT");
        expect(sim.now - begin).toBe(2_025_000); // and the switch back to the thread
      }
    })());
  });

  it("a port set gives the messages of all its members in the order of arrival", () => {
    const { task, run } = rig();
    const a = task("a");
    const set = a.names.allocateSet("set");
    const ports = ["one", "two"].map((name) => a.names.allocatePort(name, 5));
    run(a, (function* () {
      const sends = ports.map((name) => a.names.copyout(a.names.copyin(name, "make-send")));
      yield* machMsgSend(a, { id: "x", remote: sends[1]!, data: "before it joined" });
      for (const name of ports) a.names.moveMember(name, set);
      for (const i of [0, 1, 0]) yield* machMsgSend(a, { id: "x", remote: sends[i]!, data: i });
      const got: [PortName, unknown][] = [];
      for (let i = 0; i < 4; i++) {
        const message = yield* machMsgReceive(a, set);
        got.push([message.local, message.data]);
      }
      expect(got).toEqual([[ports[1], "before it joined"], [ports[0], 0], [ports[1], 1], [ports[0], 0]]);
      expect(() => a.names.receiveFrom(ports[0]!)).toThrow("MACH_RCV_IN_SET");
    })());
  });
});

describe("a deadlock of tasks that wait for answers", () => {
  const calls = (from: Task, port: PortName, local = from.replyPort()) => machMsgRpc(from, { id: "call", remote: port, local, data: undefined }, local);

  it("says who has taken the request, and what that one waits for", () => {
    const { task, run } = rig();
    const [a, b] = [task("a"), task("b")];
    const [service, port] = connect(b, a);
    const [, back] = connect(a, b);
    threadCreate(b, "b", (function* () {
      yield* machMsgReceive(b, service);
      yield* calls(b, back); // nobody receives there
    })());
    const client = function* (): Steps {
      yield* calls(a, port);
    };
    expect(() => run(a, client())).toThrow(/: b waits for a thread to receive from service of a; main of a waits for b, which waits for a thread to receive from service of a$/);
  });

  it("ends its words also where two wait for each other", () => {
    const { task, run } = rig();
    const [a, b] = [task("a"), task("b")];
    const [serviceOfB, toB] = connect(b, a);
    const [serviceOfA, toA] = connect(a, b);
    threadCreate(b, "b", (function* () {
      yield* machMsgReceive(b, serviceOfB);
      yield* calls(b, toA);
    })());
    const both = function* (): Steps {
      const local = a.replyPort();
      yield* machMsgSend(a, { id: "call", remote: toB, local, data: undefined });
      yield* machMsgReceive(a, serviceOfA); // and does not answer it
      yield* machMsgReceive(a, local);
    };
    expect(() => run(a, both())).toThrow(/: b waits for main of a, which waits for b, which waits for a message on replies to b of b; main of a waits for b, which waits for main of a, which waits for/);
  });
});

describe("the death of a port", () => {
  it("turns names into dead names, tells who asked, and ends receives", () => {
    const { task, run } = rig();
    const [server, client] = [task("server"), task("client")];
    const [service, port] = connect(server, client);
    const notify = client.names.allocatePort("notify", 5);
    client.names.requestNotification(port, "dead-name", notify);
    threadCreate(server, "server", (function* () {
      yield* machMsgReceive(server, service);
      server.names.destroy(service);
    })(), { daemon: true });
    run(client, (function* () {
      yield* machMsgSend(client, { id: "die", remote: port, data: undefined });
      const notification = yield* machMsgReceive(client, notify);
      expect(notification).toMatchObject({ id: "mach_notify_dead_name", data: { name: port } });
      expect(client.names.rights(port)).toMatchObject({ dead: true });
      try {
        yield* machMsgSend(client, { id: "x", remote: port, data: 1 });
        expect.unreachable();
      } catch (error) {
        expect((error as MachError).code).toBe("MACH_SEND_INVALID_DEST");
      }
      client.names.deallocate(port);
      expect(codeOf(() => client.names.rights(port))).toBe("KERN_INVALID_NAME");
    })());
  });

  it("of a server in the middle of a call ends the call with a send-once notification", () => {
    const { task, run } = rig();
    const [server, client] = [task("server"), task("client")];
    const [service, port] = connect(server, client);
    threadCreate(server, "server", (function* () {
      yield* machMsgReceive(server, service);
      taskTerminate(server);
    })(), { daemon: true });
    run(client, (function* () {
      const local = client.replyPort();
      const answer = yield* machMsgRpc(client, { id: "x", remote: port, local, data: undefined }, local);
      expect(answer.id).toBe("mach_notify_send_once");
    })());
  });

  it("the last send right to go is told to the receiver", () => {
    const { task, run } = rig();
    const [server, client] = [task("server"), task("client")];
    const [service, port] = connect(server, client);
    const notify = server.names.allocatePort("notify", 5);
    server.names.requestNotification(service, "no-senders", notify);
    run(server, (function* () {
      taskTerminate(client);
      expect((yield* machMsgReceive(server, notify)).id).toBe("mach_notify_no_senders");
    })());
    expect(port).toBeGreaterThan(0);
  });
});

describe("traps", () => {
  it("a null trap takes 40 us and one redirected to the task 61 us, as Table 5-2 has them; children inherit", () => {
    const { sim, task, run, kernel } = rig();
    const a = task("a");
    taskSetEmulation(a, 20, function* (self) {
      yield* sim.settle();
      return `emulated in ${self.name}`;
    });
    run(a, (function* () {
      let begin = sim.now;
      yield* trap(a, NULL_TRAP);
      expect((sim.now - begin) / 1000).toBe(40);
      begin = sim.now;
      expect(yield* trap(a, 20)).toBe("emulated in a");
      expect((sim.now - begin) / 1000).toBe(61);
    })());
    expect(kernel.counters).toMatchObject({ traps: 2, redirectedTraps: 1 });
  });
});

describe("out-of-line memory", () => {
  it("is shared until one side writes, and then is two", () => {
    const { task, run, kernel } = rig();
    const [a, b] = [task("a"), task("b")];
    const [service, port] = connect(b, a);
    const bytes = Uint8Array.from({ length: 8192 }, (_, i) => i % 251);
    run(a, (function* () {
      const address = vmAllocate(a, 8192);
      yield* userWrite(a, address, bytes);
      yield* machMsgSend(a, { id: "x", remote: port, data: undefined, memory: [{ address, bytes: 8192 }] });
      expect(kernel.counters.copies).toBe(0);
      yield* userWrite(a, address, new Uint8Array([99]));
      const { memory: [got] } = yield* machMsgReceive(b, service);
      expect(yield* userRead(b, got!.address, 8192)).toEqual(bytes);
      yield* userWrite(b, got!.address + 4096, new Uint8Array([77]));
      expect((yield* userRead(a, address, 1))[0]).toBe(99);
      expect((yield* userRead(a, address + 4096, 1))[0]).toBe(bytes[4096]);
    })());
    expect(kernel.counters.copyOnWrites).toBeLessThanOrEqual(2);
  });
});
