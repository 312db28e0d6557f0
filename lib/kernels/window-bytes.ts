/**
 * The length of a window on a mapped file: whole pages, and hundreds of windows fit into an address space.
 *
 * Layer: kernels; section 3.1.2. For Mach 3.0, and for Mach 2.6 as section 6.2 proposes it.
 */
import { PAGE_BYTES } from "../hardware/memory.ts";
import { whole } from "../schema/index.ts";

const MOST_BYTES = 4 * 1024 * 1024;

export const windowBytes = whole("bytes", PAGE_BYTES, PAGE_BYTES, MOST_BYTES);
