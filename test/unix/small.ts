/** Small systems for tests: what is big is slow. */
import { expect } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { check } from "../../lib/fs/check.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import type { Image } from "../../lib/fs/image.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";

export const KB = 1024;
export const MB = 1024 * KB;

/** The systems that give a file its blocks when it is written; Mach 3.0 does so when the pages of a mapped file go out. */
export const allocatingAtWrite = ["mach26", "mach26, mapped files", "svr4", "mix", "mix, servers in user space", "mix, from another site", "mach3, files not mapped"] as const;
/** The systems that these tests are about. */
export const smallSystems = [...allocatingAtWrite, "mach3", "mach3, handlers"] as const;
export type SmallSystem = (typeof smallSystems)[number];

/** Cylinders of MiX's swap space in these systems; the file system has the others. */
const SWAP_CYLINDERS = 8;

/** A system with 2 MB of memory and a file system on so many cylinders of 256 KB. */
export function bootSmall(name: SmallSystem, cylinders = 60): System {
  const machine = (disk: number) => ({ base: "hp-vectra" as const, disk: { cylinders: disk }, memory: { sizeMB: 2 } });
  if (name === "mach26" || name === "svr4" || name === "mach3") return boot(name, { machine: machine(cylinders) });
  if (name === "mach26, mapped files") return boot("mach26", { machine: machine(cylinders), mapping: { mappedFiles: true } });
  if (name === "mach3, files not mapped") return boot("mach3", { machine: machine(cylinders), mapping: { mappedFiles: false } });
  if (name === "mach3, handlers") return boot("mach3", { machine: machine(cylinders), structure: { calls: "handler" } });
  const servers = name === "mix, servers in user space" ? "user" : "supervisor";
  const sites = name === "mix, from another site" ? 2 : 1;
  const system = boot("mix", { machine: machine(cylinders + SWAP_CYLINDERS), om: { swapMB: 2 }, structure: { servers, sites } });
  // From another site: files and streams are on the first one, processes on the second.
  const run = system.run.bind(system);
  system.run = (program, options) => run(program, { site: sites, ...options });
  return system;
}

/** The name of the error that `steps` fail with; "none" if they do not. */
export function* errorOf(steps: Steps<unknown>): Steps<string> {
  try {
    yield* steps;
    return "none";
  } catch (error) {
    if (!(error instanceof UnixError)) throw error;
    return error.code;
  }
}

/** What is on the disk, which the checker finds in good order. */
export function soundImage(system: System): Image {
  const image = system.image();
  expect(check(system.machine.controller.store)).toEqual([]);
  return image;
}

/** `count` bytes that tell their place and `salt`. */
export const bytesOf = (count: number, salt = 0): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * 7 + (i >> 8) + salt * 31) & 0xff);

/** Let every transfer that touches `sector` of the system's disk fail, or only reads or writes. */
export function breakSector(system: System, sector: number, op?: "read" | "write"): void {
  const { controller } = system.machine;
  const issue = controller.issue.bind(controller);
  controller.issue = (command) => {
    const touched = (op ?? command.op) === command.op && sector >= command.sector && sector < command.sector + command.sectors;
    issue(touched ? { ...command, done: () => command.done("EIO") } : command);
  };
}
