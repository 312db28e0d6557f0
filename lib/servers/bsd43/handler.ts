/**
 * System calls in a handler: the server's code on the caller's own thread (section 6.2).
 *
 * Layer: servers/bsd43. What CHORUS has and Mach could adopt: the kernel redirects the
 * trap into the server's address space. No message is sent and no library has to be
 * protected from its process, but every call crosses address spaces, twice, even
 * those that the Emulation Library serves by itself.
 */
import type { Steps } from "../../engine/index.ts";
import { carryOut } from "./calls.ts";
import type { LibraryCosts } from "./costs.ts";
import { ReadAnswer } from "./data-calls.ts";
import type { ServerProcess } from "./processes.ts";
import type { Bsd43Server } from "./server.ts";
import type { Opened } from "./server-call.ts";

/** What the calls that the library serves otherwise take besides. */
const WORK: Readonly<Record<string, keyof LibraryCosts>> = {
  read: "readNs", write: "writeNs", lseek: "lseekNs", getrlimit: "limitNs", sigblock: "signalMaskNs", sigsetmask: "signalMaskNs",
};

/** Carry out the call `name` of `self`, in the server and on its thread. @throws UnixError */
export function* handle(server: Bsd43Server, self: ServerProcess, name: string, args: readonly unknown[]): Steps<unknown> {
  const work = WORK[name];
  if (work !== undefined) server.task.charge(server.libraryCosts[work], "Misc Costs");
  if (name === "read" || name === "write") server.kernel.trapped(); // to have data copied between the server and the process
  const result = yield* carryOut(server, self, { name, args });
  yield* server.sim.settle();
  if (result instanceof ReadAnswer) return result.result;
  return name === "open" ? (result as Opened).fd : result;
}
