import { describe, expect, it } from "vitest";
import { MachError, deviceOpen, deviceRead, deviceReadRequest, deviceReply, deviceWrite, machMsgReceive, userRead, userWrite, vmAllocate, vmDeallocate } from "../../../lib/kernels/mach3/index.ts";
import { ramDisk, rig } from "./rig.ts";

const PAGE = 4096;

function withDisk() {
  let disk: ReturnType<typeof ramDisk>;
  const r = rig({ drivers: (machine) => ({ disk: (disk = ramDisk(machine, 256)) }) });
  return { ...r, disk: disk!, client: r.task("client") };
}

describe("the device interface", () => {
  it("reads and writes bytes without a copy", () => {
    const { client, run, disk, kernel, machine } = withDisk();
    const bytes = Uint8Array.from({ length: 3 * PAGE }, (_, i) => i % 241);
    const free = machine.memory.freeFrames;
    run(client, (function* () {
      const device = yield* deviceOpen(client, "disk");
      const address = vmAllocate(client, bytes.length);
      yield* userWrite(client, address, bytes);
      yield* deviceWrite(client, device, 8, { address, bytes: bytes.length, deallocate: true });
      expect(disk.bytes.subarray(8 * 512, 8 * 512 + bytes.length)).toEqual(bytes);
      const back = yield* deviceRead(client, device, 9, PAGE);
      expect(yield* userRead(client, back, PAGE)).toEqual(bytes.slice(512, 512 + PAGE));
      vmDeallocate(client, back, PAGE);
    })());
    expect(kernel.counters.copies).toBe(0);
    expect(machine.memory.freeFrames).toBe(free);
  });

  it("answers requests on a port, in the order in which the device is done", () => {
    const { client, run, kernel } = withDisk();
    run(client, (function* () {
      const device = yield* deviceOpen(client, "disk");
      const replies = client.names.allocatePort("device replies", 5);
      for (const tag of [1, 2, 3]) yield* deviceReadRequest(client, device, replies, { record: tag * 8, bytes: PAGE, tag });
      expect(kernel.counters.deviceRequests).toBe(3);
      const tags: number[] = [];
      for (let i = 0; i < 3; i++) tags.push(deviceReply(yield* machMsgReceive(client, replies)).reply.tag);
      expect(tags).toEqual([1, 2, 3]);
    })());
  });

  it("a failed transfer is an error of the call, a wrong one is refused", () => {
    const { client, run, disk, machine } = withDisk();
    disk.fail.add(40);
    const codes: string[] = [];
    const free = machine.memory.freeFrames;
    run(client, (function* () {
      const device = yield* deviceOpen(client, "disk");
      for (const [record, bytes] of [[40, 512], [0, 100], [256, 512]] as const) {
        try {
          yield* deviceRead(client, device, record, bytes);
        } catch (error) {
          codes.push((error as MachError).code);
        }
      }
      try {
        yield* deviceOpen(client, "tape");
      } catch (error) {
        codes.push((error as MachError).code);
      }
      const address = yield* deviceRead(client, device, 8, 512); // its answer is not one to a call before
      expect(yield* userRead(client, address, 512)).toEqual(disk.bytes.slice(8 * 512, 9 * 512));
      vmDeallocate(client, address, 512);
    })());
    expect(machine.memory.freeFrames, "pages of a read that failed are given back").toBe(free);
    expect(codes).toEqual(["D_IO_ERROR", "D_INVALID_SIZE", "D_INVALID_RECNUM", "D_NO_SUCH_DEVICE"]);
  });
});
