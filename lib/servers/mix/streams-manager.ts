/**
 * The Streams Manager: pipes, named pipes when they are opened, and the tty, served by messages.
 *
 * Layer: servers/mix; section 3.2.1, "it cooperates with the Object Manager which
 * provides the secondary storage for the files' meta-data": of a named pipe the Streams
 * Manager knows the Object Manager's capability, under which its ends find each other,
 * and tells the Object Manager when it was used.
 */
import { UnixError } from "../../fs/errno.ts";
import type { Terminal } from "../../hardware/terminal.ts";
import type { Area, Capability, Nucleus } from "../../kernels/chorus/index.ts";
import { sidesOf } from "../../unix/pipe.ts";
import { ACCESSES, ask, OM, operations, STM } from "./protocol.ts";
import type { Operation } from "./protocol.ts";
import { Server } from "./server.ts";
import type { ServerStructure } from "./server.ts";
import { Stream } from "./stream.ts";
import { Tty } from "./tty.ts";

interface End {
  readonly stream: Stream | Tty;
  readonly sides: readonly ("read" | "write")[];
  /** The file whose name the stream goes by. */
  readonly file?: Capability;
}

export interface StreamsManagerCosts {
  /** Each request, and each character of a tty. */
  requestNs: number;
  characterNs: number;
}

export class StreamsManager {
  readonly server: Server;
  readonly #nucleus: Nucleus;
  readonly #pipeBytes: number;
  readonly #tty: Tty;
  readonly #ends = new Map<number, End>();
  readonly #named = new Map<number, Stream>(); // by the key of the file
  #nextKey = 1;

  /** A pipe holds `pipeBytes`; the tty is the line to `terminal`. */
  constructor(nucleus: Nucleus, structure: ServerStructure, { requestNs, characterNs }: StreamsManagerCosts, pipeBytes: number, terminal: Terminal) {
    this.#nucleus = nucleus;
    this.#pipeBytes = pipeBytes;
    const charged = (operation: Operation): Operation =>
      function* (...request) {
        nucleus.machine.processor.charge(requestNs, "request");
        return yield* operation(...request);
      };
    const table = { [STM.pipe]: this.#pipe, [STM.open]: this.#open, [STM.read]: this.#read, [STM.write]: this.#write, [STM.close]: this.#close, [STM.tty]: this.#openTty };
    const bound = Object.fromEntries(Object.entries(table).map(([code, operation]) => [code, charged(operation.bind(this))]));
    this.server = new Server(nucleus, "Streams Manager", structure, operations(bound));
    const driver = structure.mode === "supervisor" ? this.server.actor : nucleus.actorCreate("tty driver", "supervisor");
    this.#tty = new Tty(nucleus, terminal, driver, driver !== this.server.actor, characterNs);
  }

  *#pipe() {
    const stream = new Stream(this.#nucleus, this.#pipeBytes);
    stream.ends.add(["read", "write"]);
    return { numbers: [this.#add({ stream, sides: ["read"] }), this.#add({ stream, sides: ["write"] })] };
  }

  /** Open the named pipe that the Object Manager behind `port` knows as `key`, and sleep until it has another end. */
  *#open([port, key, access]: Float64Array) {
    let stream = this.#named.get(key!);
    if (stream === undefined) this.#named.set(key!, (stream = new Stream(this.#nucleus, this.#pipeBytes)));
    const sides = sidesOf(ACCESSES[access!]!);
    stream.ends.add(sides);
    const end = this.#add({ stream, sides, file: { port: port!, key: key! } });
    yield* stream.ends.meet(sides);
    return { numbers: [end] };
  }

  *#openTty([access]: Float64Array) {
    this.#tty.open();
    return { numbers: [this.#add({ stream: this.#tty, sides: sidesOf(ACCESSES[access!]!) })] };
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
    if (stream instanceof Tty) {
      yield* stream.close();
      return {};
    }
    stream.close(sides);
    if (file === undefined) return {};
    if (stream.ends.none) this.#named.delete(file.key);
    yield* ask(this.#nucleus, file.port, [OM.touch, file.key, stream.accessedNs, stream.modifiedNs]);
    return {};
  }

  #add(end: End): number {
    this.#ends.set(this.#nextKey, end);
    return this.#nextKey++;
  }
}
