/**
 * The wire between sites: one medium that carries one packet at a time.
 *
 * Layer: kernels/chorus; section 3.2, servers "can be transparently distributed on
 * different sites". An Ethernet as far as time goes: what is sent waits until the
 * medium is free, takes its bytes' time, and arrives in order. Nothing is lost.
 */
import type { Simulation } from "../../engine/index.ts";
import type { Site } from "./unique-identifier.ts";

export interface WireSpec {
  /** Time that 32 bytes take on the medium. */
  nsPer32Bytes: number;
  /** From the last byte sent until it is received. */
  latencyNs: number;
  /** Bytes of a packet at most, and of its header. */
  packetBytes: number;
  headerBytes: number;
}

export class Wire<P> {
  readonly sim: Simulation;
  readonly spec: WireSpec;
  /** Packets and bytes carried. */
  packets = 0;
  bytes = 0;
  readonly #receivers = new Map<Site, (parcel: P, packets: number) => void>();
  #freeAt = 0;

  constructor(sim: Simulation, spec: WireSpec) {
    this.sim = sim;
    this.spec = spec;
  }

  /** `receive` gets what is sent to `site`. */
  attach(site: Site, receive: (parcel: P, packets: number) => void): void {
    this.#receivers.set(site, receive);
  }

  /** The sites on the wire, except `site`. */
  others(site: Site): Site[] {
    return [...this.#receivers.keys()].filter((one) => one !== site);
  }

  /** Packets that `bytes` bytes need. */
  packetsFor(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / (this.spec.packetBytes - this.spec.headerBytes)));
  }

  /** Carry `parcel`, `bytes` bytes long, to each of `sites`: one passage of the medium, heard by all of them. */
  send(parcel: P, bytes: number, sites: readonly Site[]): void {
    const packets = this.packetsFor(bytes);
    const carried = bytes + packets * this.spec.headerBytes;
    this.packets += packets;
    this.bytes += carried;
    this.#freeAt = Math.max(this.sim.now, this.#freeAt) + Math.round((carried * this.spec.nsPer32Bytes) / 32);
    this.sim.at(this.#freeAt + this.spec.latencyNs, () => {
      for (const site of sites) this.#receivers.get(site)?.(parcel, packets);
    });
  }
}
