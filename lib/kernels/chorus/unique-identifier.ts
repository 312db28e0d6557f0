/**
 * Unique Identifiers (UIs): the single global name space of CHORUS, section 2.
 *
 * Layer: kernels/chorus. A UI is made of the site that created it and a serial
 * number there, so two sites never make the same one. It says where the thing was
 * created, not where it is: ports migrate, and a location lookup finds them.
 */

/** Name of a port, a group or an actor, unique over all sites and for ever. */
export type UniqueIdentifier = number;

/** Number of a site, from 1 to 2^20. */
export type Site = number;

const SERIALS = 2 ** 32;

/** The site that created `ui`. */
export function creationSite(ui: UniqueIdentifier): Site {
  return Math.floor(ui / SERIALS);
}

/** Makes the unique identifiers of one site. */
export class UniqueIdentifierSource {
  #next: UniqueIdentifier;

  constructor(site: Site) {
    this.#next = site * SERIALS + 1;
  }

  /** An identifier that nothing has had before. */
  create(): UniqueIdentifier {
    return this.#next++;
  }
}

/** Names a segment (a port of its mapper and a key that only the mapper understands), or a local cache (a port of the nucleus and its key). */
export interface Capability {
  readonly port: UniqueIdentifier;
  readonly key: number;
}
