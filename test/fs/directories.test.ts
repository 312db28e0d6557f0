/** Directories and path names: what they find, and how they fail. */
import { describe, expect, it } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { isDirectory, readImage } from "../../lib/fs/index.ts";
import type { Errno, FileSystem } from "../../lib/fs/index.ts";
import { BLOCK, errorOf, onNewDisk, Rig } from "./rig.ts";

describe("directories", () => {
  it("count as links of themselves and of what is above", () => {
    onNewDisk(function* (fs) {
      yield* fs.mkdir("/a");
      yield* fs.mkdir("/a/b");
      yield* fs.iput(yield* fs.create("/a/file"));
      const a = yield* fs.namei("/a");
      expect([fs.root.links, a.links]).toEqual([3, 3]);
      expect(isDirectory(a)).toBe(true);
      for (const path of ["/a/.", "/a/b/..", "a", "//a//", "/a/b/../../a"]) {
        const same = yield* fs.namei(path);
        expect(same).toBe(a);
        yield* fs.iput(same);
      }
      yield* fs.iput(a);
      expect(yield* errorOf(fs.rmdir("/a"))).toBe("ENOTEMPTY");
      yield* fs.unlink("/a/file");
      yield* fs.rmdir("/a/b");
      yield* fs.rmdir("/a");
      expect(fs.root.links).toBe(2);
    });
  });

  it("grow with their entries, and use again what was taken away", () => {
    onNewDisk(function* (fs) {
      const name = (i: number) => `/name-${String(i).padStart(3, "0")}`;
      for (let i = 0; i < 300; i++) yield* fs.iput(yield* fs.create(name(i)));
      const { size } = fs.root;
      expect(size).toBeGreaterThan(BLOCK);
      expect(size % 512).toBe(0);
      for (let i = 0; i < 300; i += 3) yield* fs.unlink(name(i));
      for (let i = 0; i < 300; i++) expect(yield* errorOf(found(fs, name(i)))).toBe(i % 3 === 0 ? "ENOENT" : undefined);
      for (let i = 0; i < 300; i += 3) yield* fs.iput(yield* fs.create(name(i)));
      expect(fs.root.size).toBe(size);
    });
  });

  it("take relative paths from any directory, removed ones included", () => {
    onNewDisk(function* (fs) {
      yield* fs.mkdir("/here");
      const here = yield* fs.namei("/here");
      yield* fs.iput(yield* fs.create("file", { from: here }));
      yield* fs.iput(yield* fs.namei("/here/file"));
      yield* fs.unlink("file", here);
      yield* fs.rmdir("/here");
      expect(yield* errorOf(fs.create("file", { from: here }))).toBe("ENOENT");
      expect(yield* errorOf(fs.namei("file", here))).toBe("ENOENT");
      yield* fs.iput(here);
    });
  });

  it.each<[string, Errno, (fs: FileSystem) => Steps<unknown>]>([
    ["a path that leads nowhere", "ENOENT", (fs) => fs.namei("/missing")],
    ["a directory on the way that is not there", "ENOENT", (fs) => fs.create("/missing/file")],
    ["an empty path", "ENOENT", (fs) => fs.namei("")],
    ["a file on the way", "ENOTDIR", (fs) => fs.namei("/file/x")],
    ["a file where the parent should be", "ENOTDIR", (fs) => fs.create("/file/x")],
    ["a file with a slash behind", "ENOTDIR", (fs) => fs.namei("/file/")],
    ["creating what is there, exclusively", "EEXIST", (fs) => fs.create("/file", { exclusive: true })],
    ["creating a directory as a file", "EISDIR", (fs) => fs.create("/directory")],
    ["creating the root as a file", "EISDIR", (fs) => fs.create("/")],
    ["creating a file with a slash behind", "EISDIR", (fs) => fs.create("/new/")],
    ["making a directory that is there", "EEXIST", (fs) => fs.mkdir("/directory")],
    ["making a directory where a file is", "EEXIST", (fs) => fs.mkdir("/file")],
    ["making the root", "EEXIST", (fs) => fs.mkdir("/")],
    ["making \"..\"", "EEXIST", (fs) => fs.mkdir("/directory/..")],
    ["unlinking what is not there", "ENOENT", (fs) => fs.unlink("/missing")],
    ["unlinking a directory", "EISDIR", (fs) => fs.unlink("/directory")],
    ["unlinking the root", "EISDIR", (fs) => fs.unlink("/")],
    ["unlinking a file with a slash behind", "ENOTDIR", (fs) => fs.unlink("/file/")],
    ["removing what is not there", "ENOENT", (fs) => fs.rmdir("/missing")],
    ["removing a file as a directory", "ENOTDIR", (fs) => fs.rmdir("/file")],
    ["removing a directory with entries", "ENOTEMPTY", (fs) => fs.rmdir("/full")],
    ["removing \".\"", "EINVAL", (fs) => fs.rmdir("/directory/.")],
    ["removing \"..\"", "ENOTEMPTY", (fs) => fs.rmdir("/directory/..")],
    ["removing the root", "EBUSY", (fs) => fs.rmdir("/")],
    ["a name of 256 bytes", "ENAMETOOLONG", (fs) => fs.create(`/${"x".repeat(256)}`)],
    ["a path of 1024 bytes", "ENAMETOOLONG", (fs) => fs.namei("/x".repeat(512))],
    ["a name with a 0 in it", "EINVAL", (fs) => fs.namei("/a\0b")],
    ["unmounting while an inode is in use", "EBUSY", busyUnmount],
  ])("refuse %s with %s", (_, code, work) => {
    onNewDisk(function* (fs) {
      yield* fs.iput(yield* fs.create("/file"));
      for (const path of ["/directory", "/full", "/full/inner"]) yield* fs.mkdir(path);
      expect(yield* errorOf(work(fs))).toBe(code);
    });
  });

  it("take names of 255 bytes, and names that are not ASCII", () => {
    const names = ["x".repeat(255), "Ærøskøbing", "名前"];
    const rig = new Rig();
    onNewDisk(function* (fs) {
      for (const name of names) yield* fs.iput(yield* fs.create(`/${name}`));
    }, rig);
    expect(readImage(rig.store).files.sort()).toEqual(names.map((name) => `/${name}`).sort());
  });
});

/** Find `path`, and let it go. */
function* found(fs: FileSystem, path: string): Steps {
  yield* fs.iput(yield* fs.namei(path));
}

function* busyUnmount(fs: FileSystem): Steps {
  const inode = yield* fs.namei("/file");
  try {
    yield* fs.unmount();
  } finally {
    yield* fs.iput(inode);
  }
}

describe("a damaged directory", () => {
  it("is searched to its end, and can be used again", () => {
    const rig = new Rig();
    rig.use((fs) => fs.mkdir("/directory"));
    const block = readImage(rig.store).blocks("/directory")[0]!;
    rig.store.writeRange(block * 8, new Uint8Array(BLOCK)); // entries without length
    expect(readImage(rig.store).files).toEqual([]);
    rig.use(function* (fs) {
      expect(yield* errorOf(fs.namei("/directory/file"))).toBe("ENOENT");
      yield* fs.iput(yield* fs.create("/directory/file"));
      yield* fs.iput(yield* fs.namei("/directory/file"));
    });
  });
});

describe("a mount", () => {
  it("needs a file system of the cache's block size", () => {
    const rig = new Rig({ blockBytes: 8192 });
    expect(rig.run(errorOf(rig.mount()))).toBe("EINVAL");
  });
});
