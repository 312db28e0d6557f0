/**
 * Mach 2.6 with a mapped file system and an Emulation Library: what section 6.2 says
 * that it could have, because "it already has the complex VM system, a fast IPC, and
 * the Trap Emulation mechanism that resides in Mach 3.0".
 *
 * Layer: kernel. A system call comes back to the library in the process, which reads
 * and writes regular files through a window and knows its own pid; for all else it
 * traps into the kernel again. File data are in all of free memory and no longer in
 * the buffer cache.
 */
import type { Inode } from "../../fs/inode.ts";
import type { Machine } from "../../hardware/machine.ts";
import { amount, flag } from "../../schema/index.ts";
import type { Shape, Values } from "../../schema/index.ts";
import { monolithicShape } from "../../unix/monolithic-shape.ts";
import type { OpenFile, OpenObject } from "../../unix/open-file.ts";
import type { CallName } from "../../unix/system-calls.ts";
import { PagedKernel } from "../pages/paged-kernel.ts";
import { windowBytes } from "../window-bytes.ts";
import { MappedFile } from "./mapped-file.ts";
import type { FileWindow } from "./mapped-file.ts";

export const mach26Shape = {
  ...monolithicShape,
  /** The Emulation Library: a trap that is sent back to it, and its own work in calls that it serves. */
  library: {
    trapUs: amount("us"),
    readUs: amount("us"),
    writeUs: amount("us"),
    lseekUs: amount("us"),
  },
  mapping: {
    mappedFiles: flag,
    windowBytes,
    /** The kernel's part: moving a window and taking the Token from another process, each with its trap. */
    remapUs: amount("us"),
    tokenUs: amount("us"),
    /** A fault on a page in memory, and what the pager in the kernel does besides for one that is not. */
    pageFaultUs: amount("us"),
    pagerUs: amount("us"),
    /** Looking whether a page may be taken back. */
    pageScanUs: amount("us"),
    /** Below this share of free memory pages are taken back. */
    freePercent: amount("percent"),
  },
} satisfies Shape;

export type Mach26Values = Values<typeof mach26Shape>;

/** Calls that the library serves by itself: on a mapped file, and with what the pages that it shares with the kernel tell. */
type MappedCall = "read" | "write" | "lseek";
type SharedCall = "getpid" | "getuid" | "getrlimit" | "sigblock" | "sigsetmask";

export class MappedMach26 extends PagedKernel {
  readonly windowBytes: number;
  readonly #costs: { trapNs: number; remapNs: number; tokenNs: number; pageFaultNs: number; pagerNs: number };
  readonly #mappedNs: Partial<Record<CallName, number>>;
  readonly #sharedNs: Partial<Record<CallName, number>>;
  readonly #counts = { redirectedTraps: 0, faults: 0, windowChanges: 0, tokenRequests: 0 };
  readonly #open = new Map<number, Set<MappedFile>>(); // by inode number
  readonly #tokens = new Map<number, FileWindow>(); // by inode number: the window of who has it

  constructor(machine: Machine, values: Mach26Values) {
    const { costs, library, mapping } = values;
    super(machine, values, mapping.freePercent, mapping.pageScanUs);
    const ns = (us: number) => Math.round(machine.netNs(us));
    this.windowBytes = mapping.windowBytes;
    this.#costs = { trapNs: ns(library.trapUs), remapNs: ns(mapping.remapUs), tokenNs: ns(mapping.tokenUs), pageFaultNs: ns(mapping.pageFaultUs), pagerNs: ns(mapping.pagerUs) };
    this.#mappedNs = { read: ns(library.readUs), write: ns(library.writeUs), lseek: ns(library.lseekUs) } satisfies Record<MappedCall, number>;
    const signalMaskNs = ns(costs.signalMaskUs);
    this.#sharedNs = { getpid: ns(costs.getpidUs), getuid: ns(costs.getuidUs), getrlimit: ns(costs.limitUs), sigblock: signalMaskNs, sigsetmask: signalMaskNs } satisfies Record<SharedCall, number>;
  }

  override counters() {
    const { traps, ...others } = super.counters();
    const { redirectedTraps, windowChanges, tokenRequests } = this.#counts;
    return { ...others, ...this.#counts, traps: traps + redirectedTraps + windowChanges + tokenRequests };
  }

  /** Every call but the null trap goes to the library first. */
  override enter(call?: CallName, file?: OpenFile): void {
    if (call === undefined) return super.enter();
    this.#counts.redirectedTraps++;
    this.charge(this.#costs.trapNs, "Trap to Unix");
    const workNs = file?.object instanceof MappedFile ? this.#mappedNs[call] : this.#sharedNs[call];
    if (workNs === undefined) super.enter(call);
    else this.charge(workNs, "Misc Costs");
  }

  protected regularFile(inode: Inode): OpenObject {
    const file = new MappedFile(this, inode);
    let files = this.#open.get(inode.number);
    if (files === undefined) this.#open.set(inode.number, (files = new Set()));
    files.add(file);
    return file;
  }

  /** Nobody has `file` open any more. */
  closed(file: MappedFile): void {
    const { number } = file.inode;
    const files = this.#open.get(number)!;
    files.delete(file);
    if (files.size > 0) return;
    this.#open.delete(number);
    this.#tokens.delete(number);
  }

  unmapPage(file: number, index: number): void {
    for (const open of this.#open.get(file) ?? []) open.unmap(index);
  }

  /** The Token of inode `file` goes to the process behind `window`, at no cost if it is there; else the window of who had it, if anybody. */
  takeToken(file: number, window: FileWindow): FileWindow | undefined {
    const last = this.#tokens.get(file);
    if (last === window) return undefined;
    this.#counts.tokenRequests++;
    this.charge(this.#costs.tokenNs, "Token");
    this.#tokens.set(file, window);
    return last;
  }

  /** The kernel takes the Token of inode `file` back. */
  recallToken(file: number): void {
    this.#tokens.delete(file);
  }

  /** A process asks for its window to be moved. */
  remapped(): void {
    this.#counts.windowChanges++;
    this.charge(this.#costs.remapNs, "remap");
  }

  /** A process faults in a window; with `absent` the pager has to find the page. */
  faulted(absent: boolean): void {
    this.#counts.faults++;
    this.charge(this.#costs.pageFaultNs, "Pagefault");
    if (absent) this.charge(this.#costs.pagerNs, "Inode Pager");
  }
}
