/**
 * Moving bytes between memory and the network board.
 *
 * Layer: kernels/chorus. The board has memory of its own, which the processor fills
 * and empties word by word; what is on the board does not take page frames.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import { ABSENT } from "./area.ts";
import type { Access, Area } from "./area.ts";
import type { Nucleus } from "./nucleus.ts";

/** Put the bytes of `area` on the board. */
export function* gather(nucleus: Nucleus, area: Area | undefined): Steps<Uint8Array | undefined> {
  if (area === undefined) return undefined;
  const bytes = new Uint8Array(area.bytes);
  yield* visit(nucleus, area, area.bytes, "read", (memory, at) => bytes.set(memory, at));
  return bytes;
}

/** Take `bytes` off the board into `area`, as much as fits. */
export function* scatter(nucleus: Nucleus, bytes: Uint8Array | undefined, area: Area | undefined): Steps {
  if (bytes === undefined || area === undefined) return;
  const count = Math.min(bytes.length, area.bytes);
  yield* visit(nucleus, area, count, "write", (memory, at) => memory.set(bytes.subarray(at, at + memory.length)));
}

/** Show each stretch of the first `count` bytes of `area` that lies in one page, and charge for moving it. */
function* visit(nucleus: Nucleus, area: Area, count: number, access: Access, move: (memory: Uint8Array, at: number) => void): Steps {
  const { machine, costs, counters } = nucleus;
  for (let at = 0; at < count; ) {
    const address = area.locate(at, access);
    if (address === ABSENT) {
      yield* area.bringIn(at, access);
      continue;
    }
    const length = Math.min(count - at, PAGE_BYTES - (address % PAGE_BYTES));
    move(machine.memory.view(address, length), at);
    machine.processor.charge(Math.round((length * costs.boardNsPer32Bytes) / 32), "network board");
    counters.copies++;
    counters.copiedBytes += length;
    at += length;
  }
}
