/** Each errno that the interface promises. */
import { describe, expect, test } from "vitest";
import type { Steps } from "../../lib/engine/index.ts";
import { UnixError } from "../../lib/fs/errno.ts";
import type { Unix } from "../../lib/unix/interface.ts";
import { MAX_DESCRIPTORS, MAX_PROCESSES } from "../../lib/unix/process.ts";
import { bootSmall, breakSector, errorOf, smallSystems, soundImage } from "./small.ts";

const SECTORS_PER_BLOCK = 8;
const long = "n".repeat(256);

/** Descriptors of each kind: see `prepare`. */
interface Descriptors {
  reader: number;
  writer: number;
  both: number;
  directory: number;
  pipeReader: number;
  pipeWriter: number;
}

/** A file /file with a byte, directories /dir and /dir/inner, and descriptors. */
function* prepare(unix: Unix): Steps<Descriptors> {
  const writer = yield* unix.creat("/file");
  yield* unix.write(writer, Uint8Array.of(1));
  yield* unix.mkdir("/dir");
  yield* unix.mkdir("/dir/inner");
  const [pipeReader, pipeWriter] = yield* unix.pipe();
  return {
    writer,
    reader: yield* unix.open("/file", { access: "read" }),
    both: yield* unix.open("/file"),
    directory: yield* unix.open("/dir", { access: "read" }),
    pipeReader,
    pipeWriter,
  };
}

type Attempt = [what: string, errno: string, attempt: (unix: Unix, fds: Descriptors) => Steps<unknown>];

const byte = Uint8Array.of(7);
const attempts: Attempt[] = [
  ["open of a missing file", "ENOENT", (unix) => unix.open("/none")],
  ["open of an empty path", "ENOENT", (unix) => unix.open("", { create: true })],
  ["open below a missing directory", "ENOENT", (unix) => unix.open("/none/file", { create: true })],
  ["open below a file", "ENOTDIR", (unix) => unix.open("/file/x", { create: true })],
  ["open of a file with a slash behind it", "ENOTDIR", (unix) => unix.open("/file/")],
  ["open of a directory for writing", "EISDIR", (unix) => unix.open("/dir", { access: "write" })],
  ["open of a directory that is to be created", "EISDIR", (unix) => unix.open("/dir", { access: "read", create: true })],
  ["open of a directory that is to be cut", "EISDIR", (unix) => unix.open("/dir", { access: "read", truncate: true })],
  ["exclusive creation of a file that is there", "EEXIST", (unix) => unix.open("/file", { create: true, exclusive: true })],
  ["open of a name that is too long", "ENAMETOOLONG", (unix) => unix.open(`/${long}`, { create: true })],
  ["creat of a directory", "EISDIR", (unix) => unix.creat("/dir")],
  ["close of a descriptor that is not open", "EBADF", (unix) => unix.close(40)],
  ["close of a negative descriptor", "EBADF", (unix) => unix.close(-1)],
  ["close of what is no descriptor", "EBADF", (unix) => unix.close(0.5)],
  ["read of a descriptor that is not open", "EBADF", (unix) => unix.read(40, 1)],
  ["read through a descriptor for writing", "EBADF", (unix, { writer }) => unix.read(writer, 1)],
  ["read of the end of a pipe to write to", "EBADF", (unix, { pipeWriter }) => unix.read(pipeWriter, 1)],
  ["read of a directory", "EISDIR", (unix, { directory }) => unix.read(directory, 1)],
  ["read of a negative number of bytes", "EINVAL", (unix, { reader }) => unix.read(reader, -1)],
  ["read of half a byte", "EINVAL", (unix, { reader }) => unix.read(reader, 0.5)],
  ["write to a descriptor that is not open", "EBADF", (unix) => unix.write(40, byte)],
  ["write through a descriptor for reading", "EBADF", (unix, { reader }) => unix.write(reader, byte)],
  ["write to a directory", "EBADF", (unix, { directory }) => unix.write(directory, byte)],
  ["write to the end of a pipe to read from", "EBADF", (unix, { pipeReader }) => unix.write(pipeReader, byte)],
  [
    "write past the largest file",
    "EFBIG",
    function* (unix, { both }) {
      yield* unix.lseek(both, 2 ** 50);
      yield* unix.write(both, byte);
    },
  ],
  [
    "write to a pipe that nobody reads",
    "EPIPE",
    function* (unix, { pipeReader, pipeWriter }) {
      yield* unix.close(pipeReader);
      yield* unix.write(pipeWriter, byte);
    },
  ],
  ["lseek of a descriptor that is not open", "EBADF", (unix) => unix.lseek(40, 0)],
  ["lseek before the start of a file", "EINVAL", (unix, { both }) => unix.lseek(both, -2, "end")],
  ["lseek by half a byte", "EINVAL", (unix, { both }) => unix.lseek(both, 0.5)],
  ["lseek in a pipe", "ESPIPE", (unix, { pipeReader }) => unix.lseek(pipeReader, 0)],
  ["fsync of a descriptor that is not open", "EBADF", (unix) => unix.fsync(40)],
  ["fsync of a pipe", "EINVAL", (unix, { pipeWriter }) => unix.fsync(pipeWriter)],
  ["ftruncate of a descriptor that is not open", "EBADF", (unix) => unix.ftruncate(40, 0)],
  ["ftruncate through a descriptor for reading", "EINVAL", (unix, { reader }) => unix.ftruncate(reader, 0)],
  ["ftruncate to a negative size", "EINVAL", (unix, { both }) => unix.ftruncate(both, -1)],
  ["ftruncate of a pipe", "EINVAL", (unix, { pipeWriter }) => unix.ftruncate(pipeWriter, 0)],
  ["ftruncate past the largest file", "EFBIG", (unix, { both }) => unix.ftruncate(both, 2 ** 50)],
  ["unlink of a missing file", "ENOENT", (unix) => unix.unlink("/none")],
  ["unlink below a file", "ENOTDIR", (unix) => unix.unlink("/file/x")],
  ["unlink of a directory", "EISDIR", (unix) => unix.unlink("/dir")],
  ["unlink of the root", "EISDIR", (unix) => unix.unlink("/")],
  ["unlink of a name that is too long", "ENAMETOOLONG", (unix) => unix.unlink(`/${long}`)],
  ["mkdir of a directory that is there", "EEXIST", (unix) => unix.mkdir("/dir")],
  ["mkdir of a file that is there", "EEXIST", (unix) => unix.mkdir("/file")],
  ["mkdir of the root", "EEXIST", (unix) => unix.mkdir("/")],
  ["mkdir below a missing directory", "ENOENT", (unix) => unix.mkdir("/none/dir")],
  ["mkdir below a file", "ENOTDIR", (unix) => unix.mkdir("/file/dir")],
  ["mkdir of a name that is too long", "ENAMETOOLONG", (unix) => unix.mkdir(`/${long}`)],
  ["stat of a missing file", "ENOENT", (unix) => unix.stat("/none")],
  ["stat below a file", "ENOTDIR", (unix) => unix.stat("/file/x")],
  ["wait without children", "ECHILD", (unix) => unix.wait()],
];

describe.each(smallSystems)("%s", (name) => {
  test.each(attempts)("%s gives %s, and changes nothing", (_what, errno, attempt) => {
    const system = bootSmall(name);
    const found = system.run(function* (unix) {
      const fds = yield* prepare(unix);
      return yield* errorOf(attempt(unix, fds));
    });
    expect(found).toBe(errno);
    const image = soundImage(system);
    expect([...image.entries.keys()].sort()).toEqual(["/dir", "/dir/inner", "/file"]);
    expect(image.read("/file")).toEqual(Uint8Array.of(1));
  });

  test("an error carries its name and its number", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      try {
        yield* unix.open("/none");
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(UnixError);
        expect(error).toMatchObject({ code: "ENOENT", errno: 2 });
      }
    });
  });

  test("the descriptors of a process run out: EMFILE, and one that is closed can be had again", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      for (let fd = 0; fd < MAX_DESCRIPTORS; fd++) expect(yield* unix.open("/file", { create: true })).toBe(fd);
      expect(yield* errorOf(unix.open("/file"))).toBe("EMFILE");
      expect(yield* errorOf(unix.creat("/other"))).toBe("EMFILE");
      expect(yield* errorOf(unix.stat("/other"))).toBe("ENOENT");
      yield* unix.close(17);
      expect(yield* errorOf(unix.pipe())).toBe("EMFILE"); // it takes two
      expect(yield* unix.open("/file")).toBe(17);
    });
    soundImage(system);
  });

  test("a sector that cannot be read gives EIO, moves no pointer, and other files can still be used", () => {
    const system = bootSmall(name);
    system.prepare({ "/bad": 20_000, "/good": 20_000 });
    breakSector(system, system.image().blocks("/bad")[1]! * SECTORS_PER_BLOCK);
    system.run(function* (unix) {
      const bad = yield* unix.open("/bad");
      expect((yield* unix.read(bad, 4096)).length).toBe(4096);
      expect(yield* errorOf(unix.read(bad, 4096))).toBe("EIO");
      expect(yield* unix.lseek(bad, 0, "current")).toBe(4096);
      expect(yield* errorOf(unix.read(bad, 4096))).toBe("EIO");
      const good = yield* unix.open("/good");
      expect((yield* unix.read(good, 20_000)).length).toBe(20_000);
    });
  });

  test("a sector that cannot be written shows at fsync: EIO, once for each failure", () => {
    const system = bootSmall(name);
    system.prepare({ "/bad": 20_000, "/good": 20_000 });
    breakSector(system, system.image().blocks("/bad")[1]! * SECTORS_PER_BLOCK, "write");
    system.run(function* (unix) {
      const bad = yield* unix.open("/bad");
      expect(yield* unix.write(bad, new Uint8Array(20_000))).toBe(20_000);
      expect(yield* errorOf(unix.fsync(bad))).toBe("EIO");
      expect(yield* errorOf(unix.fsync(bad))).toBe("none");
      const good = yield* unix.open("/good");
      expect(yield* unix.write(good, new Uint8Array(20_000).fill(1))).toBe(20_000);
      expect(yield* errorOf(unix.fsync(good))).toBe("none");
    });
  });

  test("a raw transfer over a bad sector gives EIO", () => {
    const system = bootSmall(name);
    breakSector(system, 1000);
    system.run(function* (unix) {
      const raw = yield* unix.open(system.rawDevice);
      yield* unix.lseek(raw, 998 * 512);
      expect((yield* unix.read(raw, 1024)).length).toBe(1024);
      expect(yield* errorOf(unix.read(raw, 1024))).toBe("EIO");
      expect(yield* errorOf(unix.write(raw, new Uint8Array(512)))).toBe("EIO");
    });
  });
});

/** On Mach 3.0 a process takes pages that it shares with the server, and one that sleeps in a call a thread, and those run out first: test/servers/bsd43/pool.test.ts. */
describe.each(smallSystems.filter((system) => !system.startsWith("mach3")))("%s", (name) => {
  test("the processes of a system run out: EAGAIN, and one that has ended makes room", () => {
    const system = bootSmall(name);
    system.run(function* (unix) {
      const [reader, writer] = yield* unix.pipe();
      const child = function* (own: Unix): Steps {
        yield* own.close(writer);
        yield* own.read(reader, 1); // until the parent closes the other end
      };
      for (let process = 1; process < MAX_PROCESSES; process++) yield* unix.fork(child);
      expect(yield* errorOf(unix.fork(child))).toBe("EAGAIN");
      yield* unix.close(writer);
      yield* unix.wait();
      yield* unix.fork(function* () {});
    });
  });
});
