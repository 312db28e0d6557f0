/** Who waits for a message waits for it as long as the receive right is where it was. */
import { expect, it } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import { MachError, machMsgReceive, machMsgSend, threadCreate } from "../../../lib/kernels/mach3/index.ts";
import type { PortName, Task } from "../../../lib/kernels/mach3/index.ts";
import { rig } from "./rig.ts";

const MS = 1_000_000;

/** What comes of receiving: the message, or the error. */
function* outcome(task: Task, name: PortName): Steps<string> {
  try {
    return (yield* machMsgReceive(task, name, 50 * MS)).id;
  } catch (error) {
    return (error as MachError).code;
  }
}

it("a thread that waits hears that the receive right has gone to another task, which gets the messages from then on", () => {
  const { sim, task } = rig();
  const [a, b, c] = [task("a"), task("b"), task("c")];
  const port = a.names.allocatePort("port", 5);
  const toPort = c.names.copyout(a.names.copyin(port, "make-send"));
  const gifts = b.names.allocatePort("gifts", 5);
  const toGifts = a.names.copyout(b.names.copyin(gifts, "make-send"));
  const got: Record<string, string> = {};
  threadCreate(a, "waiter", (function* () {
    got["a"] = yield* outcome(a, port);
    expect(sim.now).toBeLessThan(3 * MS);
  })());
  threadCreate(a, "giver", (function* () {
    yield* sim.sleep(MS);
    yield* machMsgSend(a, { id: "gift", remote: toGifts, data: undefined, ports: [{ name: port, disposition: "move-receive" }] });
  })());
  threadCreate(b, "b", (function* () {
    const { ports } = yield* machMsgReceive(b, gifts);
    got["b"] = yield* outcome(b, ports[0]!);
  })());
  threadCreate(c, "c", (function* () {
    yield* sim.sleep(5 * MS);
    yield* machMsgSend(c, { id: "hello", remote: toPort, data: undefined });
  })());
  sim.run();
  expect(got).toEqual({ a: "MACH_RCV_PORT_CHANGED", b: "hello" });
});

it("a thread that waits on a port hears that it is in a set now; one that waits on the set hears nothing", () => {
  const { sim, task } = rig();
  const a = task("a");
  const port = a.names.allocatePort("port", 5);
  const toPort = a.names.copyout(a.names.copyin(port, "make-send"));
  const set = a.names.allocateSet("set");
  const got: Record<string, string> = {};
  for (const [who, name] of Object.entries({ port, set })) threadCreate(a, who, (function* () {
    got[who] = yield* outcome(a, name);
  })());
  threadCreate(a, "mover", (function* () {
    yield* sim.sleep(MS);
    a.names.moveMember(port, set);
    yield* sim.sleep(MS);
    expect(got).toEqual({ port: "MACH_RCV_PORT_CHANGED" });
    yield* machMsgSend(a, { id: "hello", remote: toPort, data: undefined });
  })());
  sim.run();
  expect(got["set"]).toBe("hello");
});
