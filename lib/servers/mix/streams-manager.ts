/**
 * The Streams Manager: pipes, and named pipes when they are opened, served by messages.
 *
 * Layer: servers/mix; section 3.2.1, "it cooperates with the Object Manager which
 * provides the secondary storage for the files' meta-data": of a named pipe the Streams
 * Manager knows the Object Manager's capability, under which its ends find each other,
 * and tells the Object Manager when it was used.
 */
import { UnixError } from "../../fs/errno.ts";
import type { Area, Capability, Nucleus } from "../../kernels/chorus/index.ts";
import { sidesOf } from "../../unix/pipe.ts";
import { ACCESSES, ask, OM, operations, STM } from "./protocol.ts";
import type { Operation } from "./protocol.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";
import { Stream } from "./stream.ts";

interface End {
  readonly stream: Stream;
  readonly sides: readonly ("read" | "write")[];
  /** The file whose name the stream goes by. */
  readonly file?: Capability;
}

export class StreamsManager {
  readonly server: Server;
  readonly #nucleus: Nucleus;
  readonly #pipeBytes: number;
  readonly #ends = new Map<number, End>();
  readonly #named = new Map<number, Stream>(); // by the key of the file
  #nextKey = 1;

  /** `requestNs`: what each request costs; a pipe holds `pipeBytes`. */
  constructor(nucleus: Nucleus, structure: ServerStructure, requestNs: number, pipeBytes: number) {
    this.#nucleus = nucleus;
    this.#pipeBytes = pipeBytes;
    const charged = (operation: Operation): Operation =>
      function* (...request) {
        nucleus.machine.processor.charge(requestNs, "request");
        return yield* operation(...request);
      };
    const table = { [STM.pipe]: this.#pipe, [STM.open]: this.#open, [STM.read]: this.#read, [STM.write]: this.#write, [STM.close]: this.#close };
    const bound = Object.fromEntries(Object.entries(table).map(([code, operation]) => [code, charged(operation.bind(this))]));
    this.server = new Server(nucleus, "Streams Manager", structure, operations(bound));
  }

  *#pipe() {
    const stream = new Stream(this.#nucleus, this.#pipeBytes);
    return { numbers: [this.#add({ stream, sides: ["read"] }), this.#add({ stream, sides: ["write"] })] };
  }

  /** Open the named pipe that the Object Manager behind `port` knows as `key`, and sleep until it has another end. */
  *#open([port, key, access]: Float64Array) {
    let stream = this.#named.get(key!);
    if (stream === undefined) this.#named.set(key!, (stream = new Stream(this.#nucleus, this.#pipeBytes)));
    const sides = sidesOf(ACCESSES[access!]!);
    const end = this.#add({ stream, sides, file: { port: port!, key: key! } });
    yield* stream.ends.meet(sides);
    return { numbers: [end] };
  }

  *#read([key, count]: Float64Array, _text: string, { response }: { response?: Area | undefined }) {
    const { stream, sides } = this.#ends.get(key!)!;
    if (!sides.includes("read")) throw new UnixError("EBADF");
    return { bytes: yield* stream.read(count!, response!) };
  }

  *#write([key, count]: Float64Array, _text: string, { body }: { body?: Area | undefined }) {
    const { stream, sides } = this.#ends.get(key!)!;
    if (!sides.includes("write")) throw new UnixError("EBADF");
    return { numbers: [count === 0 ? 0 : yield* stream.write(count!, body!)] };
  }

  *#close([key]: Float64Array) {
    const { stream, sides, file } = this.#ends.get(key!)!;
    this.#ends.delete(key!);
    stream.close(sides);
    if (file === undefined) return {};
    if (stream.ends.none) this.#named.delete(file.key);
    yield* ask(this.#nucleus, file.port, [OM.touch, file.key, stream.accessedNs, stream.modifiedNs]);
    return {};
  }

  #add(end: End): number {
    end.stream.ends.add(end.sides);
    this.#ends.set(this.#nextKey, end);
    return this.#nextKey++;
  }
}
