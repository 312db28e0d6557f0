/**
 * What the trap of Unix system calls leads to: three ways to build MiX.
 *
 * Layer: servers/mix; sections 4.3.1, 6.1 and 6.2. With servers in supervisor space the
 * Process Manager's handler serves the process's thread itself. With servers in user
 * space a relay in supervisor space makes a message of the call. With an Emulation
 * Library the trap comes back to the process, which does what it can with calls of the
 * nucleus and sends the rest.
 */
import type { Steps } from "../../engine/index.ts";
import { UnixError } from "../../fs/errno.ts";
import { PartOfArea } from "../../kernels/chorus/index.ts";
import type { Nucleus, TrapHandler } from "../../kernels/chorus/index.ts";
import { callNames } from "./process-manager.ts";
import type { CallName, Frame, ProcessManager } from "./process-manager.ts";
import { StreamEnd, RawFile } from "./file-object.ts";
import { GrowingArea } from "./process-memory.ts";
import type { MixProcess } from "./processes.ts";
import { ask, SYSTEM_CALL } from "./protocol.ts";
import { SERVER_BUFFER_BYTES } from "./server.ts";

type UnixTrap = TrapHandler<Frame, readonly number[]>;

/** The Process Manager's own handler. */
export function processManagerTrap(nucleus: Nucleus, manager: ProcessManager): UnixTrap {
  return (frame) => manager.serve(nucleus.running.software as MixProcess, frame);
}

/** A relay that sends every call to the Process Manager, data in pieces that a server's buffer takes. */
export function relayTrap(nucleus: Nucleus, manager: ProcessManager): UnixTrap {
  return (frame) => relay(nucleus, manager, nucleus.running.software as MixProcess, frame);
}

/** Calls that an Emulation Library performs in the process. */
const LOCAL: ReadonlySet<CallName> = new Set(["getpid", "getuid", "getrlimit", "sigblock", "sigsetmask", "lseek", "read", "write"]);

/** An Emulation Library: local calls run in the process, where each call of the nucleus is another trap. */
export function emulationLibraryTrap(nucleus: Nucleus, manager: ProcessManager): UnixTrap {
  return function* (frame) {
    const context = nucleus.running;
    const process = context.software as MixProcess;
    const handler = context.actor;
    context.actor = process.actor;
    try {
      const object = LOCAL.has(frame.call) ? process.descriptors[frame.numbers[0]!]?.object : undefined;
      const remote = object instanceof StreamEnd || object instanceof RawFile;
      if (LOCAL.has(frame.call) && !remote) return yield* manager.serve(process, frame, true);
      return yield* relay(nucleus, manager, process, frame);
    } finally {
      context.actor = handler;
    }
  };
}

function* relay(nucleus: Nucleus, manager: ProcessManager, process: MixProcess, { call, numbers, text, area }: Frame): Steps<readonly number[]> {
  const head = [SYSTEM_CALL, process.pid, callNames.indexOf(call)];
  const port = manager.server.port.ui;
  if (area === undefined) return [...(yield* ask(nucleus, port, [...head, ...numbers], { text })).numbers];
  const [fd, count] = numbers as [number, number];
  if (!(count > 0)) return [...(yield* ask(nucleus, port, [...head, fd, count], call === "read" ? { response: area } : { body: area })).numbers];
  let done = 0;
  while (done < count) {
    const piece = Math.min(count - done, SERVER_BUFFER_BYTES);
    const part = new PartOfArea(area, done, piece);
    try {
      if (area instanceof GrowingArea) area.reserve(done + piece); // else the file's offset could move by bytes that find no room
      const { numbers: results } = yield* ask(nucleus, port, [...head, fd, piece], call === "read" ? { response: part } : { body: part });
      done += results[0]!;
      if (results[0]! < piece) break;
    } catch (error) {
      if (done === 0 || !(error instanceof UnixError)) throw error;
      break; // what was moved before counts
    }
  }
  return [done];
}
