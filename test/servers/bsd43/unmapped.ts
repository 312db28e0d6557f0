/** Systems on which files are not mapped, and what a read() or write() makes them do. */
import { expect } from "vitest";
import type { Steps } from "../../../lib/engine/index.ts";
import type { Bsd43Server } from "../../../lib/servers/bsd43/server.ts";
import { boot } from "../../../lib/systems/boot.ts";
import type { BootOptions } from "../../../lib/systems/boot.ts";
import type { System } from "../../../lib/systems/system.ts";
import type { Unix } from "../../../lib/unix/interface.ts";
import { bytesOf, soundImage } from "../../unix/small.ts";

export const PAGE = 4096;
export const FILE = bytesOf(100_000);
const machine = { base: "hp-vectra", disk: { cylinders: 40 }, memory: { sizeMB: 2 } } as const;

export const unmapped = (options: BootOptions<"mach3"> = {}): System => {
  const system = boot("mach3", { machine, ...options, mapping: { mappedFiles: false, ...options.mapping } });
  system.prepare({ "/file": FILE });
  return system;
};
export const withMessages = (messageBytes = 8192): System => unmapped({ mapping: { sharedPages: false }, server: { messageBytes } });
export const serverOf = (system: System): Bsd43Server => system.os as unknown as Bsd43Server;

/** Pages in the server's address space. */
export const pagesOf = (system: System): number => [...serverOf(system).task.map.entries()].reduce((sum, { start, end }) => sum + (end - start) / PAGE, 0);

/** What `act` on the open file makes the system count, the second time that it is done. */
export function counted(system: System, act: (unix: Unix, fd: number) => Steps<unknown>): Record<string, number> {
  return system.run(function* (unix) {
    const fd = yield* unix.open("/file");
    while ((yield* unix.read(fd, PAGE)).length > 0); // it is in memory now
    for (let time = 1; ; time++) {
      yield* unix.lseek(fd, 0);
      const before = { ...system.counts() } as Record<string, number>;
      yield* act(unix, fd);
      const after = system.counts() as Record<string, number>;
      if (time === 2) return Object.fromEntries(Object.keys(after).map((name) => [name, after[name]! - before[name]!]));
    }
  });
}

export const reading = (count: number) => (unix: Unix, fd: number) => unix.read(fd, count);

/** What a write() of `count` bytes sends to the server: how many bytes in line and out of line in each message. */
export function sent(system: System, count: number): [inLine: number, outOfLine: number][] {
  const { processes } = serverOf(system);
  const serve = processes.serve.bind(processes);
  const found: [number, number][] = [];
  processes.serve = (port, call, memory) => {
    const [, data] = call!.args;
    if (call!.name === "write") found.push([data instanceof Uint8Array ? data.length : 0, memory?.bytes ?? 0]);
    return serve(port, call, memory);
  };
  system.run(function* (unix) {
    const fd = yield* unix.creat("/out");
    expect(yield* unix.write(fd, bytesOf(count))).toBe(count);
  });
  expect(soundImage(system).read("/out")).toEqual(bytesOf(count));
  return found;
}
