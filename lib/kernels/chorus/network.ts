/**
 * Remote IPC: messages to ports on other sites, by unique identifier.
 *
 * Layer: kernels/chorus; sections 2 and 3.2. A name does not say where a port lives.
 * The nucleus tries where it last found it, then where it was created; a site that
 * does not have it says so, and where it sent it if it migrated from there; at last
 * all sites are asked. At the other end a thread of the nucleus sends the message on
 * as a local one, so servers cannot tell remote clients from local ones.
 */
import type { Steps } from "../../engine/index.ts";
import { PAGE_BYTES } from "../../hardware/memory.ts";
import type { Frame } from "../../hardware/memory.ts";
import { contextOf } from "./actor.ts";
import { PartOfArea, WiredArea } from "./area.ts";
import type { Area } from "./area.ts";
import { gather, scatter } from "./board.ts";
import { NucleusError } from "./error.ts";
import type { Message, Reply } from "./message.ts";
import type { Nucleus } from "./nucleus.ts";
import { portTarget } from "./port.ts";
import type { Port, Target } from "./port.ts";
import { creationSite } from "./unique-identifier.ts";
import type { Site, UniqueIdentifier } from "./unique-identifier.ts";
import type { Wire } from "./wire.ts";

interface Bytes {
  readonly annex: Uint8Array;
  readonly body: Uint8Array | undefined;
}

/** What goes over the wire; `id` belongs to the question at site `from`. */
export type Parcel = { readonly from: Site } & (
  | ({ readonly kind: "message"; readonly target: Target } & Bytes)
  | ({ readonly kind: "call"; readonly id: number; readonly target: Target; readonly room: number } & Bytes)
  | ({ readonly kind: "reply"; readonly id: number; readonly bytes: number } & Bytes)
  | { readonly kind: "port"; readonly id: number; readonly ui: UniqueIdentifier; readonly actor: UniqueIdentifier; readonly queue: readonly Bytes[] }
  | { readonly kind: "find"; readonly id: number; readonly target: Target }
  | { readonly kind: "here"; readonly id: number }
  | { readonly kind: "elsewhere"; readonly id: number; readonly hint: Site | undefined }
);

type Answer = Extract<Parcel, { kind: "reply" | "here" | "elsewhere" }>;

interface Question {
  readonly wake: () => void;
  answer: Answer | undefined;
}

const PARCEL_BYTES = 32; // kind, sites, names and lengths

export class Network {
  readonly #nucleus: Nucleus;
  readonly #wire: Wire<Parcel> | undefined;
  readonly #findTimeoutNs: number;
  readonly #hints = new Map<UniqueIdentifier, Site>();
  /** Ports on their way to another site, which has not confirmed them yet. */
  readonly #leaving = new Map<UniqueIdentifier, Site>();
  readonly #questions = new Map<number, Question>();
  #nextId = 1;

  /** Without a wire the site is alone. A search for a port gives up after `findTimeoutNs`. */
  constructor(nucleus: Nucleus, wire: Wire<Parcel> | undefined, findTimeoutNs: number) {
    this.#nucleus = nucleus;
    this.#wire = wire;
    this.#findTimeoutNs = findTimeoutNs;
    wire?.attach(nucleus.site, (parcel, packets) => this.#arrive(parcel, packets));
  }

  /** Call a port that is not on this site. @throws NucleusError unknownPort, timeout */
  *call(target: Target, request: Message, response: Area | undefined, timeoutNs?: number): Steps<Reply> {
    const { annex } = request;
    const body = yield* gather(this.#nucleus, request.body);
    let site = this.#hints.get(target.ui) ?? this.#guess(target);
    for (;;) {
      if (this.#nucleus.names.local(target).length > 0) return yield* this.#nucleus.ipc.ipcCall(target, request, response, timeoutNs); // it has come here
      if (site === undefined || site === this.#nucleus.site) site = yield* this.#find(target);
      if (site === this.#nucleus.site) continue; // it was coming here, and may be gone again
      const id = this.#nextId++;
      const answer = yield* this.#ask({ kind: "call", from: this.#nucleus.site, id, target, room: response?.bytes ?? 0, annex, body }, [site], timeoutNs);
      if (answer === undefined) throw new NucleusError("timeout", `no reply from port ${target.ui} on site ${site}`);
      if (answer.kind === "reply") {
        if (target.to === "port") this.#hints.set(target.ui, site);
        yield* scatter(this.#nucleus, answer.body, response);
        return { annex: answer.annex, bytes: answer.bytes };
      }
      this.#hints.delete(target.ui);
      site = answer.kind === "elsewhere" ? answer.hint : undefined;
    }
  }

  /** Send to a port that is not on this site. @throws NucleusError unknownPort */
  *send(target: Target, message: Message): Steps {
    const site = yield* this.#find(target);
    if (site === this.#nucleus.site) yield* this.#nucleus.ipc.ipcSend(target, message);
    else yield* this.#sendMessage(target, message, [site]);
  }

  /** Send to the members of a group on all other sites. */
  *broadcast(target: Target, message: Message): Steps {
    const sites = this.#wire?.others(this.#nucleus.site) ?? [];
    if (sites.length > 0) yield* this.#sendMessage(target, message, sites);
  }

  /** Hand `port` over to `actor` on another site. @throws NucleusError unknownPort when that actor is not where it was made */
  *migrate(port: Port, actor: UniqueIdentifier): Steps {
    const site = creationSite(actor);
    if (this.#wire === undefined || site === this.#nucleus.site) throw new NucleusError("unknownPort", `there is no actor ${actor}`);
    const owner = port.actor;
    const deliveries = this.#nucleus.names.depart(port);
    this.#hints.set(port.ui, site); // before the parcel leaves: whoever asks here is sent after it
    this.#leaving.set(port.ui, site);
    const queue: Bytes[] = [];
    for (const { message } of deliveries) queue.push({ annex: message.annex, body: yield* gather(this.#nucleus, message.body) });
    const id = this.#nextId++;
    const answer = yield* this.#ask({ kind: "port", from: this.#nucleus.site, id, ui: port.ui, actor, queue }, [site]);
    this.#leaving.delete(port.ui);
    if (answer!.kind === "here") {
      for (const { frames } of deliveries) this.#release(frames);
      return;
    }
    this.#hints.delete(port.ui);
    this.#nucleus.names.arrive(port.ui, owner, deliveries);
    throw new NucleusError("unknownPort", `site ${site} has no actor ${actor}`);
  }

  /** Where to look first: where the port was created, unless that is here. */
  #guess(target: Target): Site | undefined {
    if (target.to === "site") return target.site;
    const site = creationSite(target.ui);
    return target.to === "port" && site !== this.#nucleus.site && this.#wire !== undefined ? site : undefined;
  }

  /** Ask all other sites. @throws NucleusError unknownPort when none answers in time */
  *#find(target: Target): Steps<Site> {
    const { site, names } = this.#nucleus;
    const sites = this.#wire?.others(site) ?? [];
    const id = this.#nextId++;
    const answer = sites.length === 0 ? undefined : yield* this.#ask({ kind: "find", from: site, id, target }, sites, this.#findTimeoutNs);
    if (names.local(target).length > 0) return site;
    if (answer === undefined) throw new NucleusError("unknownPort", `${target.ui} is not known on any site`);
    const found = answer.kind === "elsewhere" ? answer.hint! : answer.from;
    if (target.to === "port" && found !== site) this.#hints.set(target.ui, found);
    return found;
  }

  *#sendMessage(target: Target, message: Message, sites: readonly Site[]): Steps {
    const body = yield* gather(this.#nucleus, message.body);
    this.#transmit({ kind: "message", from: this.#nucleus.site, target, annex: message.annex, body }, sites);
  }

  /** Send a parcel and sleep until it is answered; undefined when `timeoutNs` passed first. */
  *#ask(parcel: Extract<Parcel, { id: number }>, sites: readonly Site[], timeoutNs?: number): Steps<Answer | undefined> {
    const { replies } = contextOf(this.#nucleus.machine.sim.running());
    const question: Question = { wake: () => replies.wakeOne(), answer: undefined };
    this.#questions.set(parcel.id, question);
    this.#transmit(parcel, sites);
    yield* replies.wait(timeoutNs);
    this.#questions.delete(parcel.id);
    return question.answer;
  }

  #transmit(parcel: Parcel, sites: readonly Site[]): void {
    const { machine, costs, counters } = this.#nucleus;
    const bytes = parcelBytes(parcel);
    counters.remoteMessages++;
    machine.processor.charge(this.#wire!.packetsFor(bytes) * costs.packetNs, "packets");
    this.#wire!.send(parcel, bytes, sites);
  }

  #arrive(parcel: Parcel, packets: number): void {
    const { machine, costs } = this.#nucleus;
    machine.processor.interrupt("network", packets * costs.packetNs, () => this.#receive(parcel));
  }

  #receive(parcel: Parcel): void {
    switch (parcel.kind) {
      case "message":
        return this.#spawn(this.#deliver(parcel));
      case "call":
        return this.#spawn(this.#serve(parcel));
      case "port":
        return this.#adopt(parcel);
      case "find":
        return this.#tell(parcel);
      default: {
        const question = this.#questions.get(parcel.id);
        if (question === undefined || question.answer !== undefined) return; // given up, or answered by another site
        question.answer = parcel;
        question.wake();
      }
    }
  }

  /** Tell who searches, if the port is here or just leaving. */
  #tell(parcel: Extract<Parcel, { kind: "find" }>): void {
    const { target, id } = parcel;
    const hint = this.#leaving.get(target.ui);
    if (this.#nucleus.names.local(target).length > 0) this.#answer(parcel, { kind: "here", from: this.#nucleus.site, id });
    else if (hint !== undefined) this.#answer(parcel, { kind: "elsewhere", from: this.#nucleus.site, id, hint });
  }

  /** Pass a message on to the ports here. */
  *#deliver(parcel: Extract<Parcel, { kind: "message" }>): Steps {
    const ports = this.#nucleus.names.local(parcel.target);
    const frames = yield* this.#frames(parcel.body?.length ?? 0);
    const body = yield* this.#unpack(parcel.body, frames);
    for (const port of ports) yield* this.#nucleus.ipc.ipcSend(portTarget(port.ui), { annex: parcel.annex, body });
    this.#release(frames);
  }

  /** Make the call here on behalf of the remote caller and send it the reply. */
  *#serve(parcel: Extract<Parcel, { kind: "call" }>): Steps {
    const from = this.#nucleus.site;
    const port = this.#nucleus.names.local(parcel.target)[0];
    if (port === undefined) {
      this.#answer(parcel, { kind: "elsewhere", from, id: parcel.id, hint: this.#hints.get(parcel.target.ui) });
      return;
    }
    const frames = yield* this.#frames((parcel.body?.length ?? 0) + parcel.room);
    const body = yield* this.#unpack(parcel.body, frames);
    const room = new WiredArea(frames, parcel.room, parcel.body?.length ?? 0);
    try {
      const reply = yield* this.#nucleus.ipc.ipcCall(portTarget(port.ui), { annex: parcel.annex, body }, room);
      const bytes = Math.min(reply.bytes ?? 0, parcel.room);
      const filled = yield* gather(this.#nucleus, new PartOfArea(room, 0, bytes));
      this.#answer(parcel, { kind: "reply", from, id: parcel.id, annex: reply.annex, body: filled, bytes });
    } catch (error) {
      if (!(error instanceof NucleusError)) throw error;
      this.#answer(parcel, { kind: "elsewhere", from, id: parcel.id, hint: undefined }); // the port went away meanwhile
    } finally {
      this.#release(frames);
    }
  }

  /** Take in a port that migrates to this site. */
  #adopt(parcel: Extract<Parcel, { kind: "port" }>): void {
    const from = this.#nucleus.site;
    const actor = this.#nucleus.actor(parcel.actor);
    if (actor === undefined) {
      this.#answer(parcel, { kind: "elsewhere", from, id: parcel.id, hint: undefined });
      return;
    }
    this.#hints.delete(parcel.ui);
    this.#nucleus.names.arrive(parcel.ui, actor, []);
    for (const bytes of parcel.queue) this.#spawn(this.#deliver({ kind: "message", from: parcel.from, target: portTarget(parcel.ui), ...bytes }));
    this.#answer(parcel, { kind: "here", from, id: parcel.id });
  }

  #answer(question: Extract<Parcel, { id: number }>, answer: Answer): void {
    this.#transmit(answer, [question.from]);
  }

  #spawn(steps: Steps): void {
    this.#nucleus.threadCreate(this.#nucleus.own, "network service", steps, { daemon: true });
  }

  *#frames(bytes: number): Steps<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length * PAGE_BYTES < bytes) frames.push(yield* this.#nucleus.memory.replacement.acquire());
    return frames;
  }

  *#unpack(bytes: Uint8Array | undefined, frames: readonly Frame[]): Steps<Area | undefined> {
    if (bytes === undefined) return undefined;
    const area = new WiredArea(frames, bytes.length);
    yield* scatter(this.#nucleus, bytes, area);
    return area;
  }

  #release(frames: readonly Frame[]): void {
    for (const frame of frames) this.#nucleus.memory.replacement.release(frame);
  }
}

function parcelBytes(parcel: Parcel): number {
  const length = (bytes: Bytes) => bytes.annex.length + (bytes.body?.length ?? 0);
  if (parcel.kind === "port") return parcel.queue.reduce((sum, bytes) => sum + length(bytes), PARCEL_BYTES);
  return PARCEL_BYTES + ("annex" in parcel ? length(parcel) : 0);
}
