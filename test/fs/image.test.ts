/** Images made and read without a simulation. */
import { describe, expect, it } from "vitest";
import { check, populate, readImage, UnixError } from "../../lib/fs/index.ts";
import { blankDisk, emptyDisk, pattern, Rig, smallDisk } from "./rig.ts";

const BLOCK = 4096;

describe("populate", () => {
  it("puts files where the mounted file system would have put them", () => {
    const bytes = pattern(30 * BLOCK + 5);
    const offline = emptyDisk();
    populate(offline, "/data/file", bytes);
    const rig = new Rig({ requestNs: 1000 });
    rig.use(function* (fs) {
      yield* fs.mkdir("/data");
      yield* rig.put(fs, "/data/file", bytes);
    });
    expect(readImage(offline).blocks("/data/file")).toEqual(readImage(rig.store).blocks("/data/file"));
    expect(Buffer.from(bytes).equals(readImage(offline).read("/data/file"))).toBe(true);
  });

  it("gives a file of a size zeros, also where other files were, and lays it out the same", () => {
    const store = emptyDisk();
    populate(store, "/old", pattern(100 * BLOCK));
    populate(store, "/old", 0);
    populate(store, "/new", 30 * BLOCK + 5);
    const image = readImage(store);
    expect(image.read("/new").every((byte) => byte === 0)).toBe(true);
    expect(image.entries.get("/new")!.inode).toMatchObject({ size: 30 * BLOCK + 5, sectors: 32 * 8 });
    const other = emptyDisk();
    populate(other, "/new", pattern(30 * BLOCK + 5));
    expect(image.blocks("/new").length).toBe(readImage(other).blocks("/new").length);
    expect(check(store)).toEqual([]);
  });

  it("replaces a file", () => {
    const store = emptyDisk();
    populate(store, "/file", pattern(10 * BLOCK));
    populate(store, "/file", pattern(3, 2));
    expect([...readImage(store).read("/file")]).toEqual([...pattern(3, 2)]);
    expect(check(store)).toEqual([]);
  });

  it.each([["bytes", pattern(400 * BLOCK)], ["a size", 400 * BLOCK]])("says ENOSPC to %s larger than the disk, and leaves no file", (_, content) => {
    const store = emptyDisk();
    expect(() => populate(store, "/large", content)).toThrow(UnixError);
    expect(() => populate(store, "/large", content)).toThrow("ENOSPC");
    expect(readImage(store).files).toEqual([]);
    expect(check(store)).toEqual([]);
  });

  it("says what is wrong with a path", () => {
    const store = emptyDisk();
    populate(store, "/a/b", 10);
    expect(() => populate(store, "/a", 10)).toThrow("EISDIR");
    expect(() => populate(store, "/a/b/c", 10)).toThrow("ENOTDIR");
  });
});

describe("an image", () => {
  it("lists its directories and files", () => {
    const store = emptyDisk();
    for (const path of ["/a/x", "/a/b/y", "/z"]) populate(store, path, 10);
    const image = readImage(store);
    expect(image.directories).toEqual(["/a", "/a/b"]);
    expect(image.files).toEqual(["/a/x", "/a/b/y", "/z"]);
    expect(() => image.read("/missing")).toThrow("there is no file /missing");
  });

  it("reads holes as zeros, over every level of pointers", () => {
    const rig = new Rig();
    const at = (12 + 1024 + 5) * BLOCK;
    rig.use(function* (fs) {
      const inode = yield* fs.create("/holes");
      yield* rig.write(fs, inode, at, pattern(10));
      yield* fs.iput(inode);
    });
    const bytes = readImage(rig.store).read("/holes");
    expect(bytes.length).toBe(at + 10);
    expect(bytes.subarray(0, at).every((byte) => byte === 0)).toBe(true);
    expect([...bytes.subarray(at)]).toEqual([...pattern(10)]);
  });

  it("is not found on a blank disk", () => {
    expect(() => readImage(blankDisk(smallDisk))).toThrow("there is no file system on this disk");
  });
});
