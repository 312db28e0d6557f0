/**
 * Messages: untyped bytes, section 2.
 *
 * Layer: kernels/chorus. A message has an annex, the few bytes of its parameters,
 * and may have a body, an area of the sender's memory. The nucleus gives neither a
 * meaning. The annex of all protocols here is laid out the same way: a count, so
 * many 8-byte numbers, then text in UTF-8.
 */
import type { Steps } from "../../engine/index.ts";
import type { Area } from "./area.ts";

export interface Message {
  readonly annex: Uint8Array;
  readonly body?: Area | undefined;
}

/** A request as its server sees it. */
export interface Invocation {
  readonly annex: Uint8Array;
  /** The body: in a message handler the sender's own memory, else the receiver's copy. */
  readonly body?: Area | undefined;
  /** Where the answer's bytes go: in a message handler the caller's own memory. */
  readonly response?: Area | undefined;
}

/** What a server answers: parameters, and how many bytes of the response it filled. */
export interface Reply {
  readonly annex: Uint8Array;
  readonly bytes?: number | undefined;
}

/** A routine of an actor that serves messages: connected by svMsgHandler, or called by threads that receive. */
export type MessageHandler = (invocation: Invocation) => Steps<Reply>;

const NUMBER_BYTES = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The annex that holds `numbers` and `text`. */
export function packAnnex(numbers: readonly number[], text = ""): Uint8Array {
  const tail = text === "" ? undefined : encoder.encode(text);
  const head = NUMBER_BYTES * (1 + numbers.length);
  const bytes = new Uint8Array(head + (tail?.length ?? 0));
  const words = new Float64Array(bytes.buffer, 0, 1 + numbers.length);
  words[0] = numbers.length;
  words.set(numbers, 1);
  if (tail !== undefined) bytes.set(tail, head);
  return bytes;
}

/** The numbers of an annex. */
export function annexNumbers(annex: Uint8Array): Float64Array {
  const count = new Float64Array(annex.buffer, annex.byteOffset, 1)[0]!;
  return new Float64Array(annex.buffer, annex.byteOffset + NUMBER_BYTES, count);
}

/** The text of an annex. */
export function annexText(annex: Uint8Array): string {
  const head = NUMBER_BYTES * (1 + annexNumbers(annex).length);
  return decoder.decode(annex.subarray(head));
}

/** A reply that says that all went well, or with which error it did not. */
export function statusReply(status: number, numbers: readonly number[] = [], bytes = 0): Reply {
  return { annex: packAnnex([status, ...numbers]), bytes };
}
