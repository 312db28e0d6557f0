/**
 * Connections to Redis that give up in time.
 *
 * Layer: analysis; ioredis.
 */
import { Redis } from "ioredis";
import { InputError } from "../../../../schema/index.ts";
import type { RedisAddress } from "./address.ts";

/** Redis counts as unreachable when it has not been there at all for so long, */
const FIRST_PATIENCE_MS = 2500;
/** or has been away for so long. */
const PATIENCE_MS = 4500;
const RETRY_MS = 500;

export interface ConnectionOptions {
  /** How long Redis may be away, after it has been there. */
  patienceMs?: number;
  /** Told once when Redis goes away, and once when it is back. */
  say?: (line: string) => void;
}

/** A connection that mends itself for a while when it breaks. */
export class Connection {
  readonly redis: Redis;
  /** Rejects with an InputError when Redis has been away for too long. */
  readonly lost: Promise<never>;
  readonly #shown: string;
  readonly #patienceMs: number;
  readonly #say: (line: string) => void;
  #why = "no answer";
  #timer: NodeJS.Timeout | undefined = undefined;
  #lose: (error: InputError) => void = () => {};

  private constructor({ shown, ...where }: RedisAddress, { patienceMs = PATIENCE_MS, say = () => {} }: ConnectionOptions) {
    this.#shown = shown;
    this.#patienceMs = patienceMs;
    this.#say = say;
    this.lost = new Promise((_, reject) => (this.#lose = reject));
    this.lost.catch(() => {});
    this.redis = new Redis({ ...where, connectTimeout: FIRST_PATIENCE_MS, maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS });
    this.redis.on("error", (error: Error) => (this.#why = oneLine(error)));
    this.#away(FIRST_PATIENCE_MS);
  }

  /** @throws InputError that names the address when Redis is not there within seconds, or has no such database. */
  static async open(address: RedisAddress, options: ConnectionOptions = {}): Promise<Connection> {
    const connection = new Connection(address, options);
    const { redis } = connection;
    const ready = new Promise<void>((resolve) => redis.once("ready", () => resolve()));
    await Promise.race([connection.lost, ready]);
    connection.#mind();
    try {
      await connection.whileThere(redis.select(address.db)); // what ioredis selects by itself may fail in silence
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  /**
   * What `work` gives.
   * @throws InputError that names the address when Redis goes away meanwhile and does not come back, or refuses.
   */
  async whileThere<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // after Redis is lost nobody asks
    try {
      return await Promise.race([work, this.lost]);
    } catch (error) {
      const why = refusal(error);
      throw why === undefined ? error : new InputError(`Redis at ${this.#shown}: ${why}`);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.redis.removeAllListeners("close");
    this.redis.disconnect();
  }

  /** From now on tell when Redis goes away and comes back. */
  #mind(): void {
    this.#present();
    this.redis.on("close", () => {
      if (this.#timer === undefined) this.#say(`Redis at ${this.#shown} has gone away`);
      this.#away(this.#patienceMs);
    });
    this.redis.on("ready", () => {
      if (this.#timer !== undefined) this.#say(`Redis at ${this.#shown} is back`);
      this.#present();
    });
  }

  #present(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #away(patienceMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.close();
      this.#lose(new InputError(`Redis at ${this.#shown} cannot be reached: ${this.#why}`));
    }, patienceMs);
  }
}

/** What Redis says when it does not do what it is told to, in one line; undefined for other errors. */
export function refusal(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  const [first = error] = (error as { previousErrors?: Error[] }).previousErrors ?? []; // of a transaction
  return oneLine(first).replace(/ script: .*/, "");
}

function oneLine(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  return inner.message.replace(/\s*\n\s*/g, " ");
}
