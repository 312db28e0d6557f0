/**
 * What tracing costs: nothing while it is off, little while it is on.
 *
 * Layer: cli. While it is off, all that is left of it is that the simulation asks for a
 * probe; how often, and what asking costs, are measured apart, because there is no
 * simulation that does not ask. While it is on, the same read is timed with and without.
 */
import { spanned } from "../../engine/index.ts";
import type { Simulation, Steps } from "../../engine/index.ts";
import { boot, systemNames } from "../../systems/boot.ts";
import type { SystemName } from "../../systems/boot.ts";
import { Recorder } from "../../trace/recorder.ts";
import { sequentialRead } from "../../workloads/index.ts";

const FILE_BYTES = 2 * 1024 * 1024;
/** So many that some are disturbed by nothing, on a busy host as well. */
const ROUNDS = 40;
const QUESTIONS = 1_000_000;

interface Result {
  name: string;
  unit: string;
  value: number;
}

/** What it costs a sequential read on each system. */
export function traceBench(): Result[] {
  return systemNames.flatMap(costsOn);
}

function costsOn(name: SystemName): Result[] {
  timed(name); // compiled before it is timed
  let [offMs, onMs] = [Infinity, Infinity];
  let bytesPerEvent = 0;
  for (let round = 0; round < ROUNDS; round++) {
    offMs = Math.min(offMs, timed(name).ms);
    const on = timed(name, (sim, recorder) => (sim.probe = recorder));
    onMs = Math.min(onMs, on.ms);
    bytesPerEvent = on.recorder.bytesPerEvent;
  }
  const share = (100 * asked(name) * msPerQuestion()) / offMs;
  return [
    { name: `trace of ${name}, off`, unit: "% of a read", value: share },
    { name: `trace of ${name}, on`, unit: "times as long", value: onMs / offMs },
    { name: `trace of ${name}, memory`, unit: "bytes/event", value: bytesPerEvent },
  ];
}

/** Time that the host's processor has worked for this process: what others do there disturbs it less than the clock. */
const hostMs = (): number => process.cpuUsage().user / 1000;

/** A sequential read of a file on the disk, and the host's time for it. */
function timed(name: SystemName, prepare: (sim: Simulation, recorder: Recorder) => void = () => {}): { ms: number; recorder: Recorder } {
  const system = boot(name);
  const recorder = new Recorder(system.sim, system.machine.memory, () => system.tally());
  prepare(system.sim, recorder);
  const began = hostMs();
  sequentialRead(system, { fileBytes: FILE_BYTES });
  return { ms: hostMs() - began, recorder };
}

/** How often such a read asks for a probe. */
function asked(name: SystemName): number {
  let count = 0;
  timed(name, (sim) => {
    Object.defineProperty(sim, "probe", { get: () => void count++ });
  });
  return count;
}

/** What asking costs, in ms: the difference between steps taken with and without being asked for a probe, in two ways. */
function msPerQuestion(): number {
  const { sim } = boot("mach26");
  const bare = bestOf(() => take(one()));
  const asking = bestOf(() => {
    sim.probe?.instant("read");
    take(spanned(sim, "read", one()));
  });
  return Math.max(0, asking - bare) / QUESTIONS / 2;
}

function* one(): Steps {
  yield 1;
}

function take(steps: Steps): void {
  while (steps.next().done !== true);
}

/** The time of many turns of `turn`, in ms, in the round that was disturbed least. */
function bestOf(turn: () => void): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = hostMs();
    for (let i = 0; i < QUESTIONS; i++) turn();
    best = Math.min(best, hostMs() - began);
  }
  return best;
}
