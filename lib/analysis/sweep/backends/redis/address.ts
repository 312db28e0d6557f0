/**
 * Where Redis is: redis://user:password@host:port/database, or rediss:// for TLS.
 *
 * Layer: analysis. An address can hold a password in many places, and what a mistaken one
 * holds nobody knows: errors tell what is expected and never what was found.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { InputError, withoutAddresses } from "../../../../schema/index.ts";

/** An address that was understood. */
export interface RedisAddress {
  host: string;
  port: number;
  /** The number of the database. */
  db: number;
  username?: string;
  password?: string;
  /** Of the internet protocol: 4 or 6, or 0 for either. */
  family?: number;
  /** The certificates (PEM) of those who may vouch for the server, instead of the system's. */
  tls?: { ca?: string };
  /** The address as it may be shown. */
  shown: string;
}

const PORT = 6379;
/** What may stand behind the question mark. */
const QUERY = new Set(["username", "password", "db", "family"]);

/** What an option is that holds an address; no error shows what was found instead. */
export const addressText = z.custom<string>((value) => {
  if (typeof value !== "string") throw new InputError("redis: expected text such as redis://user:password@host:6379");
  return true;
});

/**
 * The address that is meant: `url`, or what the environment says, or Redis on this machine.
 * @param ca a file of certificates (PEM) that vouch for the server, instead of the system's.
 * @throws InputError, which shows nothing of the address, when it is none.
 */
export function redisAddress(url = process.env.REDIS_URL ?? `redis://127.0.0.1:${PORT}`, ca?: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new InputError("the address of Redis: expected a URL such as redis://user:password@host:6379, or rediss:// for TLS");
  }
  const query = parsed.searchParams;
  if (!/^\/?\d*$/.test(parsed.pathname) || parsed.hash !== "" || [...query.keys()].some((key) => !QUERY.has(key))) {
    throw new InputError("the address of Redis: expected nothing but the number of a database behind host and port; / ? # @ and % of a password are written %2F %3F %23 %40 and %25");
  }
  const secure = parsed.protocol === "rediss:";
  if (!secure && ca !== undefined) throw new InputError("certificates of Redis: they only count with an address that begins with rediss:");
  const host = parsed.hostname.replace(/^\[|\]$/g, "");
  const port = parsed.port === "" ? PORT : Number(parsed.port);
  const db = whole(parsed.pathname.slice(1) || query.get("db") || "0");
  const username = decoded(parsed.username) || query.get("username") || undefined;
  const password = decoded(parsed.password) || query.get("password") || undefined;
  const user = password !== undefined ? `${encodeURIComponent(username ?? "")}:***@` : username !== undefined ? "***@" : ""; // a name alone may be a password at the wrong place
  return {
    host, port, db, username, password,
    ...(query.has("family") && { family: whole(query.get("family")!) }),
    ...(secure && { tls: ca === undefined ? {} : { ca: certificates(ca) } }),
    shown: `${parsed.protocol}//${user}${parsed.hostname}${parsed.port && `:${port}`}${db === 0 ? "" : `/${db}`}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InputError("the address of Redis: a % in user or password is written %25");
  }
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InputError("the address of Redis: expected whole numbers as database and family");
  return Number(text);
}

function certificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new InputError(`${withoutAddresses(path)}: no such file of certificates`);
  }
}
