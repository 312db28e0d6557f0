/**
 * Messages of the Jupyter protocol as frames on a socket, signed.
 *
 * Layer: notebook. The wire protocol of version 5.3: routing identities, a delimiter,
 * the signature, then header, parent header, metadata and content as JSON.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

export const PROTOCOL_VERSION = "5.3";

const DELIMITER = "<IDS|MSG>";

export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
}

export type Content = Record<string, unknown>;

/** A message as received; `identities` route the reply to its sender. */
export interface Message {
  identities: Buffer[];
  header: Header;
  content: Content;
}

/** What Jupyter tells a kernel about its sockets and its key. */
export interface Connection {
  transport: string;
  ip: string;
  key: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
}

/** Where the socket with the port `port` is bound. */
export function addressOf({ transport, ip }: Connection, port: number): string {
  return `${transport}://${ip}:${port}`;
}

/**
 * The message that `frames` hold.
 * @throws Error when they are incomplete or not signed with `key`.
 */
export function decode(frames: readonly Buffer[], key: string): Message {
  const delimiter = frames.findIndex((frame) => frame.equals(Buffer.from(DELIMITER)));
  const [signature, header, parent, metadata, content] = frames.slice(delimiter + 1);
  if (delimiter < 0 || content === undefined) throw new Error("incomplete Jupyter message");
  const expected = Buffer.from(sign(key, [header, parent, metadata, content]));
  if (key !== "" && !(signature.length === expected.length && timingSafeEqual(signature, expected))) {
    throw new Error("Jupyter message with a wrong signature");
  }
  return {
    identities: frames.slice(0, delimiter) as Buffer[],
    header: JSON.parse(header.toString()),
    content: JSON.parse(content.toString()),
  };
}

/** A message to send: the answer to `parent`, or what happens because of it. */
export interface Outgoing {
  type: string;
  content: Content;
  parent: Header | undefined;
  /** Frames that say to whom it goes. */
  route: readonly Buffer[];
  /** Identifies this kernel's run. */
  session: string;
}

/** The frames of `message`, signed with `key`. */
export function encode({ type, content, parent, route, session }: Outgoing, key: string): Buffer[] {
  const header: Header = {
    msg_id: randomUUID(),
    session,
    username: "kernel",
    date: new Date().toISOString(),
    msg_type: type,
    version: PROTOCOL_VERSION,
  };
  const parts = [header, parent ?? {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  return [...route, Buffer.from(DELIMITER), Buffer.from(sign(key, parts)), ...parts];
}

function sign(key: string, parts: readonly Buffer[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
