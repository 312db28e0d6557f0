/**
 * The protocol between nuclei and mappers: MpPullIn, MpPushOut, MpGetAccess.
 *
 * Layer: kernels/chorus; sections 2, 4.3.3 and 4.4. The nucleus sends these messages
 * to the port of a segment's capability. A mapper is the server behind that port;
 * it answers with the access it grants and a number that orders grants and recalls.
 */
import type { Steps } from "../../engine/index.ts";
import type { Access, Area } from "./area.ts";
import { MapperError } from "./error.ts";
import { annexNumbers, packAnnex, statusReply } from "./message.ts";
import type { Invocation, Reply } from "./message.ts";
import type { Capability } from "./unique-identifier.ts";

/** Which bytes of which segment are asked for, and the local cache that asks. */
export interface PageRequest {
  /** The key in the segment's capability. */
  readonly key: number;
  readonly cache: Capability;
  readonly offset: number;
  readonly bytes: number;
  readonly access: Access;
}

/** What a mapper grants. Grants and recalls of a segment are numbered in the order in which the mapper made them. */
export interface Grant {
  readonly access: Access;
  readonly sequence: number;
}

/** Errors are thrown as MapperError and reach whoever made the nucleus ask. */
export interface Mapper {
  /** Fill `page` with the bytes asked for. */
  pullIn(request: PageRequest, page: Area): Steps<Grant>;
  /** Let pages that are present to be read be written. */
  getAccess(request: PageRequest): Steps<Grant>;
  /** Save the bytes in `page`; false: they will be saved later, and the nucleus will be told by pushedOut. */
  pushOut(request: PageRequest, page: Area): Steps<boolean>;
  /** Make a segment for a temporary one that must be saved; its key. */
  create(): Steps<number>;
  /** The temporary segment `key` is not needed any more. */
  release(key: number): Steps;
}

/** The operations, the first number of a request's annex. Servers that are also mappers number their own from 16 on. */
export const MAPPER_OPERATIONS = { pullIn: 1, getAccess: 2, pushOut: 3, create: 4, release: 5 } as const;

const ACCESSES: readonly Access[] = ["read", "write"];

/** The annex that asks for `request`. */
export function packPageRequest(operation: number, request: PageRequest): Uint8Array {
  const { key, cache, offset, bytes, access } = request;
  return packAnnex([operation, key, cache.port, cache.key, offset, bytes, ACCESSES.indexOf(access)]);
}

/** The grant in a mapper's reply. @throws MapperError when it refused */
export function unpackGrant(reply: Reply): Grant {
  const [status, access, sequence] = annexNumbers(reply.annex);
  if (status !== 0) throw new MapperError(status!);
  return { access: ACCESSES[access!]!, sequence: sequence! };
}

/** Serve a mapper message by calling `mapper`. */
export function* serveMapper(mapper: Mapper, { annex, body, response }: Invocation): Steps<Reply> {
  const [operation, key, port, cacheKey, offset, bytes, access] = annexNumbers(annex) as unknown as [number, number, number, number, number, number, number];
  const request = { key, cache: { port, key: cacheKey }, offset, bytes, access: ACCESSES[access]! };
  try {
    switch (operation) {
      case MAPPER_OPERATIONS.pullIn: {
        const grant = yield* mapper.pullIn(request, response!);
        return statusReply(0, [ACCESSES.indexOf(grant.access), grant.sequence], bytes);
      }
      case MAPPER_OPERATIONS.getAccess: {
        const grant = yield* mapper.getAccess(request);
        return statusReply(0, [ACCESSES.indexOf(grant.access), grant.sequence]);
      }
      case MAPPER_OPERATIONS.pushOut:
        return statusReply(0, [(yield* mapper.pushOut(request, body!)) ? 1 : 0]);
      case MAPPER_OPERATIONS.create:
        return statusReply(0, [yield* mapper.create()]);
      default:
        yield* mapper.release(key);
        return statusReply(0);
    }
  } catch (error) {
    if (error instanceof MapperError) return statusReply(error.status);
    throw error;
  }
}
