/**
 * The kernel's second thread: keeps the control and heartbeat sockets answering while a cell computes.
 *
 * Layer: notebook. Requests on control go to the main thread, which answers them. A cell
 * that never lets go would keep an interruption waiting for ever; so while the main thread
 * stays silent, what it runs is broken off from here. (Jupyter could send a signal by
 * itself, but to the whole process group, where it ends tsx's compiler as well.)
 */
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { Reply, Router } from "zeromq";
import { HEARD, PHASE, Phase } from "./phase.ts";
import { addressOf, decode } from "./wire.ts";
import type { Connection } from "./wire.ts";

/** How often it is looked whether the main thread has heard. */
const POLL_MS = 200;
/** How long it may hear nothing after a cell's first await, before what it runs is ended: a busy machine must not look like a loop. */
const PATIENCE_MS = 1000;

const { connection, shared } = workerData as { connection: Connection; shared: Int32Array };
const control = new Router();
const heartbeat = new Reply();
const main = parentPort!;

await control.bind(addressOf(connection, connection.control_port));
await heartbeat.bind(addressOf(connection, connection.hb_port));
main.on("message", (frames: Uint8Array[] | "close") => {
  if (frames === "close") close();
  else void control.send(frames);
});
main.postMessage("open");
void serveControl();
void echoHeartbeat();

async function serveControl(): Promise<void> {
  for await (const frames of control) {
    const heardBefore = Atomics.load(shared, HEARD);
    main.postMessage(frames);
    const type = decode(frames, connection.key).header.msg_type;
    if (type === "interrupt_request" || type === "shutdown_request") breakOffUntilHeard(heardBefore);
  }
}

function breakOffUntilHeard(heardBefore: number): void {
  let silentMs = 0;
  const timer = setInterval(() => {
    if (Atomics.load(shared, HEARD) !== heardBefore) return clearInterval(timer);
    silentMs += POLL_MS;
    const phase = Atomics.load(shared, PHASE);
    if (phase === Phase.Starting) process.kill(process.pid, "SIGINT"); // becomes an exception at the place
    if (phase === Phase.Awaiting && silentMs % PATIENCE_MS === 0) endCurrentCallback();
  }, POLL_MS);
}

/** Ends what the main thread runs without an exception: its stack is gone, its event loop goes on. */
function endCurrentCallback(): void {
  const inspector = new Session();
  inspector.connectToMainThread();
  inspector.post("Runtime.terminateExecution", () => inspector.disconnect());
}

async function echoHeartbeat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

/** Ends the thread: with its sockets and its port closed nothing keeps it. */
function close(): void {
  control.close();
  heartbeat.close();
  main.close();
}
