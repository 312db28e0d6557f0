/** What a file system should do, in the simplest way: a tree of maps and byte arrays. */
import type { Errno } from "../../lib/fs/index.ts";

export interface ModelFile {
  kind: "file";
  bytes: Uint8Array;
}
export interface ModelDirectory {
  kind: "directory";
  entries: Map<string, ModelFile | ModelDirectory>;
}
export type ModelNode = ModelFile | ModelDirectory;

/** Thrown by the model where the file system must fail. */
export class Expected extends Error {
  readonly code: Errno;
  constructor(code: Errno) {
    super(code);
    this.code = code;
  }
}

export class Model {
  readonly root: ModelDirectory = { kind: "directory", entries: new Map() };

  find(path: string): ModelNode {
    let node: ModelNode = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (node.kind !== "directory") throw new Expected("ENOTDIR");
      const child = node.entries.get(name);
      if (child === undefined) throw new Expected("ENOENT");
      node = child;
    }
    return node;
  }

  create(path: string): ModelFile {
    const [directory, name] = this.#parent(path);
    const node = directory.entries.get(name) ?? { kind: "file", bytes: new Uint8Array(0) };
    if (node.kind === "directory") throw new Expected("EISDIR");
    directory.entries.set(name, node);
    return node;
  }

  mkdir(path: string): void {
    const [directory, name] = this.#parent(path);
    if (directory.entries.has(name)) throw new Expected("EEXIST");
    directory.entries.set(name, { kind: "directory", entries: new Map() });
  }

  unlink(path: string): void {
    const [directory, name] = this.#parent(path);
    const node = directory.entries.get(name);
    if (node === undefined) throw new Expected("ENOENT");
    if (node.kind === "directory") throw new Expected("EISDIR");
    directory.entries.delete(name);
  }

  rmdir(path: string): void {
    const [directory, name] = this.#parent(path);
    const node = directory.entries.get(name);
    if (node === undefined) throw new Expected("ENOENT");
    if (node.kind === "file") throw new Expected("ENOTDIR");
    if (node.entries.size > 0) throw new Expected("ENOTEMPTY");
    directory.entries.delete(name);
  }

  /** All paths with their nodes, without the root. */
  *list(directory = this.root, path = ""): Generator<[path: string, node: ModelNode]> {
    for (const [name, node] of directory.entries) {
      yield [`${path}/${name}`, node];
      if (node.kind === "directory") yield* this.list(node, `${path}/${name}`);
    }
  }

  #parent(path: string): [ModelDirectory, string] {
    const at = path.lastIndexOf("/");
    const directory = this.find(path.slice(0, at));
    if (directory.kind !== "directory") throw new Expected("ENOTDIR");
    return [directory, path.slice(at + 1)];
  }
}

/** Write `bytes` into the file from `offset` on. */
export function writeModel(file: ModelFile, offset: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  resizeModel(file, Math.max(file.bytes.length, offset + bytes.length));
  file.bytes.set(bytes, offset);
}

/** Make the file `size` bytes long. */
export function resizeModel(file: ModelFile, size: number): void {
  const bytes = new Uint8Array(size);
  bytes.set(file.bytes.subarray(0, size));
  file.bytes = bytes;
}
