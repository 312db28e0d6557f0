/**
 * Connections to Redis that give up in time and keep the password to themselves.
 *
 * Layer: analysis; ioredis. An address is redis://user:password@host:port/database, or
 * rediss:// for TLS.
 */
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { InputError } from "../../../../schema/index.ts";

/** Where Redis is, and whom to trust there. */
export interface RedisAddress {
  url: string;
  /** A file with the certificates (PEM) of those who may vouch for the server, beside the system's. */
  ca?: string;
}

/** The address that is meant: `url`, or what the environment says, or Redis on this machine. */
export function redisAddress(url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379", ca?: string): RedisAddress {
  return { url, ca };
}

/** Redis counts as unreachable when it has not been there at all for so long, */
const FIRST_PATIENCE_MS = 2500;
/** or has been away for so long. */
const PATIENCE_MS = 4500;
const RETRY_MS = 500;

/** The address as it may be shown: without its password. */
export function shownAddress(url: string): string {
  const parsed = parse(url);
  if (parsed.password !== "") parsed.password = "***";
  return parsed.href.replace(/\/$/, "");
}

function parse(url: string): URL {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw new InputError("the address of Redis: expected a URL such as redis://user:password@host:6379, or rediss:// for TLS"); // what was found may hold a password
  }
  return new URL(url);
}

/** A connection that mends itself for a while when it breaks. */
export class Connection {
  readonly redis: Redis;
  /** Rejects with an InputError when Redis has been away for too long. */
  readonly lost: Promise<never>;
  readonly #shown: string;
  readonly #patienceMs: number;
  #why = "no answer";
  #timer: NodeJS.Timeout | undefined = undefined;
  #lose: (error: InputError) => void = () => {};

  /** @param patienceMs how long Redis may be away, after it has been there. */
  private constructor({ url, ca }: RedisAddress, patienceMs: number) {
    this.#shown = shownAddress(url);
    this.#patienceMs = patienceMs;
    this.lost = new Promise((_, reject) => (this.#lose = reject));
    this.lost.catch(() => {});
    const tls = url.startsWith("rediss:") ? { tls: ca === undefined ? {} : { ca: certificates(ca) } } : {};
    this.redis = new Redis(url, { ...tls, connectTimeout: FIRST_PATIENCE_MS, maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS });
    this.redis.on("error", (error: Error) => (this.#why = oneLine(error)));
    this.redis.on("ready", () => this.#present());
    this.redis.on("close", () => this.#away(this.#patienceMs));
    this.#away(FIRST_PATIENCE_MS);
  }

  /**
   * @param patienceMs how long it may be away after that.
   * @throws InputError that names the address when Redis is not there within seconds.
   */
  static async open(address: RedisAddress, patienceMs = PATIENCE_MS): Promise<Connection> {
    const connection = new Connection(address, patienceMs);
    await Promise.race([connection.lost, new Promise((resolve) => connection.redis.once("ready", resolve))]);
    return connection;
  }

  /** What `work` gives, or the error when Redis goes away meanwhile and does not come back. */
  async whileThere<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // after Redis is lost nobody asks
    return await Promise.race([work, this.lost]);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.redis.removeAllListeners("close");
    this.redis.disconnect();
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

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new InputError(`${path}: no such file of certificates`);
  }
}

function oneLine(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  return inner.message.replace(/\s*\n\s*/g, " ");
}
