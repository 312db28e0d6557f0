/**
 * What may go wrong with one page of a file while the Inode Pager goes on with others.
 *
 * Layer: servers/bsd43.
 */
import { UnixError } from "../../fs/errno.ts";
import { MachError } from "../../kernels/mach3/index.ts";

/** Whether memory cannot be reached any more: the swap device has lost its pages. */
export const isLost = (error: unknown): boolean => error instanceof MachError && error.code === "KERN_MEMORY_ERROR";

/** Whether one page cannot be had or written, for want of a sound disk or of memory. */
export const isFailure = (error: unknown): boolean => error instanceof UnixError || isLost(error) || (error instanceof MachError && error.code === "KERN_RESOURCE_SHORTAGE");
