/** Small systems for tests: what is big is slow. */
import { expect } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { check } from "../../lib/fs/check.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import type { Image } from "../../lib/fs/image.ts";
import { boot } from "../../lib/systems/boot.ts";
import type { SystemName } from "../../lib/systems/boot.ts";
import type { System } from "../../lib/systems/system.ts";

export const KB = 1024;
export const MB = 1024 * KB;

/** A system with 2 MB of memory and a disk of so many cylinders of 256 KB. */
export const bootSmall = (name: SystemName, cylinders = 60): System =>
  boot(name, { machine: { base: "hp-vectra", disk: { cylinders }, memory: { sizeMB: 2 } } });

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

/** Let every transfer that touches `sector` of the system's disk fail. */
export function breakSector(system: System, sector: number): void {
  const { controller } = system.machine;
  const issue = controller.issue.bind(controller);
  controller.issue = (command) => {
    const touched = sector >= command.sector && sector < command.sector + command.sectors;
    issue(touched ? { ...command, done: () => command.done("EIO") } : command);
  };
}
