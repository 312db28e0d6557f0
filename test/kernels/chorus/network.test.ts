import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulation } from "../../../lib/engine/index.ts";
import type { Steps } from "../../../lib/engine/index.ts";
import { PAGE_BYTES } from "../../../lib/hardware/memory.ts";
import { annexNumbers, annexText, creationSite, packAnnex, portTarget, statusReply, Wire } from "../../../lib/kernels/chorus/index.ts";
import type { Invocation, Nucleus, Parcel, Port, Reply } from "../../../lib/kernels/chorus/index.ts";
import { contents, failing, runIn, StoreMapper, testSite, wired } from "./site.ts";

const FIND_NS = 50_000_000;

function sites(count: number, frames = 64): Nucleus[] {
  const sim = new Simulation();
  const wire = new Wire<Parcel>(sim, { nsPer32Bytes: 25_600, latencyNs: 50_000, packetBytes: 1500, headerBytes: 60 });
  return Array.from({ length: count }, (_, index) => testSite(frames, { site: index + 1, wire, findTimeoutNs: FIND_NS }, sim));
}

/** A port on `nucleus` that answers with its site, the request's text, and the body's bytes each plus one. */
function echoPort(nucleus: Nucleus): Port {
  const port = nucleus.names.portCreate(nucleus.actorCreate("server", "supervisor"));
  nucleus.ipc.svMsgHandler(port, (invocation) => echo(nucleus, invocation));
  return port;
}

function* echo(nucleus: Nucleus, { annex, body, response }: Invocation): Steps<Reply> {
  const count = Math.min(body?.bytes ?? 0, response?.bytes ?? 0);
  const { bytes } = nucleus.machine.memory;
  for (let at = 0; at < count; at++) bytes[response!.locate(at, "write")] = bytes[body!.locate(at, "read")]! + 1;
  return { annex: packAnnex([nucleus.site], annexText(annex)), bytes: count };
}

describe("a port on another site", () => {
  it("is called by its name alone, with the bytes of request and reply carried over the wire", () => {
    const [here, there] = sites(2) as [Nucleus, Nucleus];
    const port = echoPort(there);
    expect(creationSite(port.ui)).toBe(2);
    const body = wired(here, 6000, Uint8Array.from({ length: 6000 }, (_, at) => at % 200));
    const response = wired(here, 6000);
    const reply = runIn(here, here.own, here.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([], "hello"), body }, response));
    expect([annexNumbers(reply.annex)[0], annexText(reply.annex), reply.bytes]).toEqual([2, "hello", 6000]);
    expect(contents(here, response)).toEqual(Uint8Array.from({ length: 6000 }, (_, at) => (at % 200) + 1));
    expect(here.counters).toMatchObject({ remoteMessages: 1, handlerCalls: 0 });
    expect(there.counters).toMatchObject({ remoteMessages: 1, handlerCalls: 1 });
    expect(there.machine.memory.freeFrames).toBe(64);
  });

  it("that does not exist is unknown, after a search", () => {
    const [here, there] = sites(2) as [Nucleus, Nucleus];
    const gone = echoPort(there);
    there.names.portDelete(gone);
    expect(runIn(here, here.own, failing(here.ipc.ipcCall(portTarget(gone.ui), { annex: packAnnex([]) })))).toMatchObject({ code: "unknownPort" });
    expect(here.machine.sim.now).toBeGreaterThan(FIND_NS);
    expect(runIn(here, here.own, failing(here.ipc.ipcSend(portTarget(gone.ui), { annex: packAnnex([]) })))).toMatchObject({ code: "unknownPort" });
  });

  it("is found again after it migrated, once by asking where it was and then directly", () => {
    const [one, two, three] = sites(3) as [Nucleus, Nucleus, Nucleus];
    const port = echoPort(two);
    const call = () => annexNumbers(runIn(one, one.own, one.ipc.ipcCall(portTarget(port.ui), { annex: packAnnex([]) })).annex)[0];
    expect(call()).toBe(2);
    const home = three.actorCreate("new home", "supervisor");
    runIn(two, two.own, two.names.portMigrate(port, home.ui));
    const arrived = [...home.ports][0]!;
    expect(arrived.ui).toBe(port.ui);
    three.ipc.svMsgHandler(arrived, (invocation) => echo(three, invocation));
    let before = one.counters.remoteMessages;
    expect(call()).toBe(3);
    expect(one.counters.remoteMessages - before).toBe(2); // where it was, where it is
    before = one.counters.remoteMessages;
    expect(call()).toBe(3);
    expect(one.counters.remoteMessages - before).toBe(1);
    runIn(three, three.own, three.names.portMigrate(arrived, one.own.ui));
    expect([...one.own.ports].some((own) => own.ui === port.ui)).toBe(true);
  });

  it("stays where it is when the actor it should go to does not exist", () => {
    const [one, two] = sites(2) as [Nucleus, Nucleus];
    const actor = one.actorCreate("keeper", "supervisor");
    const port = one.names.portCreate(actor);
    runIn(one, one.own, one.ipc.ipcSend(portTarget(port.ui), { annex: packAnnex([5]) }));
    expect(runIn(one, one.own, failing(one.names.portMigrate(port, two.own.ui + 100)))).toMatchObject({ code: "unknownPort" });
    const back = [...actor.ports][0]!;
    expect(annexNumbers(runIn(one, actor, one.ipc.ipcReceive(back)).annex)[0]).toBe(5);
  });
});

describe("a group over several sites", () => {
  it("gets a broadcast at every member once, and a call wherever there is a member", () => {
    const nuclei = sites(3);
    const group = nuclei[0]!.names.grpAllocate();
    const got: number[] = [];
    for (const nucleus of nuclei.slice(1)) {
      const port = echoPort(nucleus);
      nucleus.names.grpPortInsert(group, port);
      nucleus.ipc.svMsgHandler(port, function* () {
        got.push(nucleus.site);
        return statusReply(nucleus.site);
      });
    }
    const [one] = nuclei as [Nucleus];
    runIn(one, one.own, one.ipc.ipcSend({ ui: group, to: "all" }, { annex: packAnnex([]) }));
    runIn(one, one.own, one.machine.sim.sleep(10_000_000));
    expect(got.sort()).toEqual([2, 3]);
    const call = (target: Parameters<typeof one.ipc.ipcCall>[0]) => annexNumbers(runIn(one, one.own, one.ipc.ipcCall(target, { annex: packAnnex([]) })).annex)[0];
    expect([2, 3]).toContain(call({ ui: group, to: "any" }));
    expect(call({ ui: group, to: "site", site: 3 })).toBe(3);
  });
});

describe("messages between sites", () => {
  it("reach a port that keeps migrating, each once", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }), fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }), fc.nat(5_000_000), (moves, calls, gapNs) => {
        const nuclei = sites(3);
        const sim = nuclei[0]!.machine.sim;
        const homes = nuclei.map((nucleus) => nucleus.actorCreate("home", "supervisor"));
        const first = nuclei[0]!.names.portCreate(homes[0]!);
        const got: number[] = [];
        nuclei.forEach((nucleus, index) =>
          nucleus.threadCreate(homes[index]!, "server", (function* () {
            for (;;) {
              const port = [...homes[index]!.ports][0];
              const received = port === undefined ? new Error() : yield* failing(nucleus.ipc.ipcReceive(port, undefined, 1_000_000));
              if (received instanceof Error) yield* sim.sleep(500_000);
              else {
                got.push(annexNumbers(received.annex)[0]!);
                yield* nucleus.ipc.ipcReply(received, statusReply(0));
              }
            }
          })(), { daemon: true }),
        );
        nuclei[0]!.threadCreate(nuclei[0]!.own, "mover", (function* () {
          let at = 0;
          for (const to of moves) {
            yield* sim.sleep(gapNs);
            const port = [...homes[at]!.ports][0]!;
            const mover = nuclei[at]!.threadCreate(nuclei[at]!.own, "move", nuclei[at]!.names.portMigrate(port, homes[to]!.ui));
            yield* sim.join(mover);
            at = to;
          }
        })());
        calls.forEach((site, serial) =>
          nuclei[site]!.threadCreate(nuclei[site]!.own, `caller ${serial}`, nuclei[site]!.ipc.ipcCall(portTarget(first.ui), { annex: packAnnex([serial]) }) as Steps<unknown> as Steps),
        );
        sim.run();
        expect([...got].sort((a, b) => a - b)).toEqual(calls.map((_, serial) => serial));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a segment whose mapper is on another site", () => {
  it("is read and written through the same capability, and its pages are recalled over the wire", () => {
    const [one, two] = sites(2) as [Nucleus, Nucleus];
    const mapper = new StoreMapper(one);
    const segment = mapper.segment(3);
    const area = wired(two, 100, new Uint8Array(100).fill(9));
    runIn(two, two.own, two.memory.sgWrite(segment, PAGE_BYTES, area, 100));
    expect(mapper.log).toEqual(["pullIn 3 1 write"]);
    const { key } = two.memory.existingCache(segment)!;
    runIn(one, mapper.actor, one.memory.control.flush({ port: two.memory.port.ui, key }, 0, 2 * PAGE_BYTES, "nothing", ++mapper.sequence));
    expect(mapper.bytes(3, PAGE_BYTES).slice(0, 101)).toEqual(Uint8Array.of(...new Uint8Array(100).fill(9), 0));
    const to = wired(one, 100);
    runIn(one, one.own, one.memory.sgRead(segment, PAGE_BYTES, to, 100));
    expect(contents(one, to)).toEqual(new Uint8Array(100).fill(9));
  });
});
