/**
 * Reading and writing of which nothing is left out without a word.
 *
 * Layer: analysis. The system may read or write less than it was asked to, as it does
 * when a disk is nearly full: here it is asked again until all is done or it says why not.
 */
import { accessSync, closeSync, constants, fsyncSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InputError } from "../../schema/index.ts";

/** Writes all of `text` where `file` stands. @returns how many bytes that are */
export function writeWhole(file: number, text: string): number {
  const bytes = Buffer.from(text);
  writeFileSync(file, bytes); // goes on after a short write, which writeSync does not
  return bytes.length;
}

/** The `count` bytes of `file` from `offset` on, fewer where it ends. */
export function readWhole(file: number, offset: number, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  let filled = 0;
  while (filled < count) {
    const more = readSync(file, bytes, filled, count - filled, offset + filled);
    if (more === 0) break;
    filled += more;
  }
  return bytes.subarray(0, filled);
}

/** Until the file or folder `path` is on the disk. */
export function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @throws InputError when no file can be made in `folder`, which need not be there yet. */
export function checkFolder(folder: string): void {
  let there = resolve(folder);
  while (kindOf(there) === "nothing") there = dirname(there);
  if (kindOf(there) !== "folder") throw new InputError(`${folder}: cannot be written: ${there} is no folder`);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** What is at `path`. */
export function kindOf(path: string): "folder" | "file" | "nothing" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return "nothing";
  }
}

/** What to throw for an `error` of writing `path`: what the system refused is said in a line. */
export function unwritable(path: string, error: unknown): unknown {
  return error instanceof Error && "syscall" in error ? new InputError(`${path}: cannot be written: ${error.message}`) : error;
}
