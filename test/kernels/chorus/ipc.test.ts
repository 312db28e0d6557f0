import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annexNumbers, annexText, packAnnex, portTarget, statusReply } from "../../../lib/kernels/chorus/index.ts";
import type { Invocation, MessageHandler, Reply } from "../../../lib/kernels/chorus/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { contents, costs, failing, runIn, testSite, wired } from "./site.ts";

const text = (annex: Uint8Array) => annexText(annex);

describe("an annex", () => {
  it("gives back the numbers and the text that were packed", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), fc.string(), (numbers, words) => {
        const annex = packAnnex(numbers, words);
        expect([...annexNumbers(annex)]).toEqual(numbers);
        expect(annexText(annex)).toBe(new TextDecoder().decode(new TextEncoder().encode(words)));
      }),
    );
  });
});

describe("ipcCall to a port with a message handler", () => {
  it("costs sending, handling and replying, makes no copy and no switch, and runs on the caller's thread in the receiver's context", () => {
    const nucleus = testSite();
    const client = nucleus.actorCreate("client", "supervisor");
    const server = nucleus.actorCreate("server", "supervisor");
    const port = nucleus.names.portCreate(server);
    const seen: unknown[] = [];
    nucleus.ipc.svMsgHandler(port, function* () {
      seen.push(nucleus.machine.sim.current, nucleus.running.actor);
      return statusReply(0);
    });
    const caller = nucleus.threadCreate(client, "caller", (function* () {
      yield* nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([1]) });
      yield* nucleus.machine.sim.settle();
      expect(nucleus.running.actor).toBe(client);
    })());
    nucleus.machine.sim.run();
    expect(seen).toEqual([caller, server]);
    expect(nucleus.machine.sim.now).toBe(costs.ipcSendNs + costs.handlerNs + costs.ipcReplyNs);
    expect(nucleus.counters).toMatchObject({ handlerCalls: 1, messages: 2, copies: 0, threadSwitches: 0, addressSpaceSwitches: 0, traps: 0 });
  });

  it("gives the handler the invoker's own memory", () => {
    const nucleus = testSite();
    const actor = nucleus.actorCreate("both", "supervisor");
    const port = nucleus.names.portCreate(actor);
    const request = wired(nucleus, 10, Uint8Array.of(1, 2, 3));
    nucleus.ipc.svMsgHandler(port, function* ({ body, response }) {
      expect(body).toBe(request);
      expect(response).toBe(request);
      return statusReply(0);
    });
    runIn(nucleus, actor, nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([]), body: request }, request));
  });

  it("is refused to actors in user space", () => {
    const nucleus = testSite();
    const port = nucleus.names.portCreate(nucleus.actorCreate("user", "user"));
    expect(() => nucleus.ipc.svMsgHandler(port, () => undefined as never)).toThrow(/notSupervisor/);
  });
});

/** Echo in capitals: the annex in text, the body byte by byte plus one. */
function echo(nucleus: ReturnType<typeof testSite>): MessageHandler {
  return function* ({ annex, body, response }: Invocation): Steps<Reply> {
    const count = Math.min(body?.bytes ?? 0, response?.bytes ?? 0);
    const { bytes } = nucleus.machine.memory;
    for (let at = 0; at < count; at++) bytes[response!.locate(at, "write")] = bytes[body!.locate(at, "read")]! + 1;
    return { annex: packAnnex([7], text(annex).toUpperCase()), bytes: count };
  };
}

describe("a server with threads", () => {
  it("answers the same as one with a handler, at the price of switches and copies", () => {
    const results = (["handler", "supervisor thread", "user thread"] as const).map((how) => {
      const nucleus = testSite();
      const client = nucleus.actorCreate("client", "user");
      const server = nucleus.actorCreate("server", how === "user thread" ? "user" : "supervisor");
      const port = nucleus.names.portCreate(server);
      if (how === "handler") nucleus.ipc.svMsgHandler(port, echo(nucleus));
      else nucleus.threadCreate(server, "worker", nucleus.ipc.serve(port, echo(nucleus), wired(nucleus, 100)), { daemon: true });
      const request = wired(nucleus, 5, Uint8Array.of(10, 20, 30, 40, 50));
      const response = wired(nucleus, 4);
      const reply = runIn(nucleus, client, nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([], "hello"), body: request }, response));
      return { reply: text(reply.annex), bytes: reply.bytes, filled: contents(nucleus, response), counters: nucleus.counters };
    });
    for (const result of results) {
      expect(result.reply).toBe("HELLO");
      expect(result.filled).toEqual(Uint8Array.of(11, 21, 31, 41));
      expect(result.counters.messages).toBe(2);
    }
    const [handler, supervisor, user] = results.map(({ counters }) => counters);
    expect(handler).toMatchObject({ copies: 0, threadSwitches: 0, traps: 1 });
    expect(supervisor).toMatchObject({ copies: 4, handlerCalls: 0, addressSpaceSwitches: 1, traps: 1 }); // the client's first time
    expect(user).toMatchObject({ copies: 4, handlerCalls: 0 });
    expect(user!.addressSpaceSwitches).toBe(3); // server, client, server, client
    expect(user!.traps).toBeGreaterThan(supervisor!.traps);
    expect(supervisor!.threadSwitches).toBeGreaterThan(handler!.threadSwitches);
  });

  it("serves several callers, each with its own reply", () => {
    const nucleus = testSite();
    const server = nucleus.actorCreate("server", "user");
    const port = nucleus.names.portCreate(server);
    for (const name of ["one", "two"]) nucleus.threadCreate(server, name, nucleus.ipc.serve(port, echo(nucleus), wired(nucleus, 8)), { daemon: true });
    const client = nucleus.actorCreate("client", "user");
    const threads = ["a", "b", "c", "d", "e"].map((word) =>
      nucleus.threadCreate(client, word, nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([], word) })),
    );
    nucleus.machine.sim.run();
    expect(threads.map((thread) => text(thread.result!.annex))).toEqual(["A", "B", "C", "D", "E"]);
  });
});

describe("a port", () => {
  it("lets a caller give up after its timeout, and takes the request back", () => {
    const nucleus = testSite();
    const actor = nucleus.actorCreate("actor", "supervisor");
    const port = nucleus.names.portCreate(actor);
    runIn(nucleus, actor, (function* () {
      const fault = yield* failing(nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([]) }, undefined, 5_000_000));
      expect(fault).toMatchObject({ code: "timeout" });
      expect(port.queue).toHaveLength(0);
    })());
  });

  it("fails its callers when it is deleted, frees what it kept, and is unknown afterwards", () => {
    const nucleus = testSite(8);
    const actor = nucleus.actorCreate("actor", "supervisor");
    const port = nucleus.names.portCreate(actor);
    const body = wired(nucleus, 5000);
    const free = nucleus.machine.memory.freeFrames;
    runIn(nucleus, actor, (function* () {
      yield* nucleus.ipc.ipcSend(portTarget(port.ui), { annex: packAnnex([]), body });
      expect(nucleus.machine.memory.freeFrames).toBe(free - 2);
      nucleus.threadCreate(actor, "deleter", (function* () {
        nucleus.names.portDelete(port);
      })());
      expect(yield* failing(nucleus.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([]) }))).toMatchObject({ code: "unknownPort" });
      expect(yield* failing(nucleus.ipc.ipcSend(portTarget(port.ui), { annex: packAnnex([]) }))).toMatchObject({ code: "unknownPort" });
    })());
    expect(nucleus.machine.memory.freeFrames).toBe(free);
  });

  it("is received from by its own actor only", () => {
    const nucleus = testSite();
    const port = nucleus.names.portCreate(nucleus.actorCreate("owner", "supervisor"));
    const stranger = nucleus.actorCreate("stranger", "supervisor");
    expect(runIn(nucleus, stranger, failing(nucleus.ipc.ipcReceive(port)))).toMatchObject({ code: "notOwner" });
  });
});

describe("a port group", () => {
  const setUp = () => {
    const nucleus = testSite();
    const actor = nucleus.actorCreate("actor", "supervisor");
    const group = nucleus.names.grpAllocate();
    const got: number[] = [];
    const ports = [0, 1, 2].map((index) => {
      const port = nucleus.names.portCreate(actor);
      nucleus.names.grpPortInsert(group, port);
      nucleus.ipc.svMsgHandler(port, function* () {
        got.push(index);
        return statusReply(index);
      });
      return port;
    });
    return { nucleus, actor, group, ports, got };
  };

  it("passes a broadcast on to each member once", () => {
    const { nucleus, actor, group, got } = setUp();
    runIn(nucleus, actor, nucleus.ipc.ipcSend({ ui: group, to: "all" }, { annex: packAnnex([]) }));
    expect(got).toEqual([0, 1, 2]);
  });

  it("answers a functional call with one member, or with one that is not the given port", () => {
    const { nucleus, actor, group, ports } = setUp();
    const call = (target: Parameters<typeof nucleus.ipc.ipcCall>[0]) =>
      annexNumbers(runIn(nucleus, actor, nucleus.ipc.ipcCall(target, { annex: packAnnex([]) })).annex)[0];
    expect(call({ ui: group, to: "any" })).toBe(0);
    expect(call({ ui: group, to: "other", than: ports[0]!.ui })).toBe(1);
    expect(call({ ui: group, to: "site", site: nucleus.site })).toBe(0);
    nucleus.names.grpPortRemove(group, ports[0]!);
    expect(call({ ui: group, to: "any" })).toBe(1);
    nucleus.names.portDelete(ports[1]!);
    expect(call({ ui: group, to: "any" })).toBe(2);
  });

  it("is unknown without members", () => {
    const { nucleus, actor } = setUp();
    const empty = nucleus.names.grpAllocate();
    expect(runIn(nucleus, actor, failing(nucleus.ipc.ipcCall({ ui: empty, to: "any" }, { annex: packAnnex([]) })))).toMatchObject({ code: "unknownPort" });
  });
});

describe("messages", () => {
  it("all arrive once, whole and in the order of each sender, while ports migrate between actors", () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), port: fc.nat(2), bytes: fc.nat(9000) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("migrate" as const), port: fc.nat(2), actor: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep" as const), ns: fc.nat(300_000) }) },
    );
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 15 }), { minLength: 1, maxLength: 3 }), (scripts) => {
        const nucleus = testSite(256);
        const actors = [0, 1, 2].map((index) => nucleus.actorCreate(`actor ${index}`, index === 0 ? "user" : "supervisor"));
        const ports = [0, 1, 2].map((index) => nucleus.names.portCreate(actors[index]!));
        const expected: string[][] = [[], [], []];
        const got: string[][] = [[], [], []];
        const receive = function* (port: (typeof ports)[number], index: number): Steps {
          for (;;) {
            const { actor } = port;
            const thread = nucleus.threadCreate(actor, "receiver", one(port, index), { daemon: true });
            yield* nucleus.machine.sim.join(thread);
          }
        };
        const one = function* (port: (typeof ports)[number], index: number): Steps {
          const received = yield* failing(nucleus.ipc.ipcReceive(port, wired(nucleus, 9000)));
          if (received instanceof Error) return;
          const [sender, serial, length] = annexNumbers(received.annex);
          expect(received.body?.bytes ?? 0).toBe(length);
          const bytes = received.body === undefined ? new Uint8Array() : contents(nucleus, received.body);
          expect(bytes.every((byte, at) => byte === (serial! + at) % 251)).toBe(true);
          for (const frame of (received.response as ReturnType<typeof wired>).frames) nucleus.machine.memory.free(frame);
          got[index]!.push(`${sender}/${serial}`);
        };
        ports.forEach((port, index) => nucleus.threadCreate(nucleus.own, "manager", receive(port, index), { daemon: true }));
        scripts.forEach((script, sender) =>
          nucleus.threadCreate(actors[sender]!, `sender ${sender}`, (function* () {
            let serial = 0;
            for (const act of script) {
              if (act.do === "migrate") yield* nucleus.names.portMigrate(ports[act.port]!, actors[act.actor]!.ui);
              else if (act.do === "sleep") yield* nucleus.machine.sim.sleep(act.ns);
              else {
                const content = Uint8Array.from({ length: act.bytes }, (_, at) => (serial + at) % 251);
                const body = wired(nucleus, act.bytes, content);
                expected[act.port]!.push(`${sender}/${serial}`);
                yield* nucleus.ipc.ipcSend(portTarget(ports[act.port]!.ui), { annex: packAnnex([sender, serial, act.bytes]), body });
                for (const frame of body.frames) nucleus.machine.memory.free(frame);
                serial++;
              }
            }
            yield* nucleus.machine.sim.sleep(1_000_000_000);
          })()),
        );
        nucleus.machine.sim.run();
        for (const index of [0, 1, 2]) {
          expect([...got[index]!].sort()).toEqual([...expected[index]!].sort());
          for (const sender of [0, 1, 2]) {
            const own = got[index]!.filter((name) => name.startsWith(`${sender}/`));
            expect(own).toEqual(expected[index]!.filter((name) => name.startsWith(`${sender}/`)));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
