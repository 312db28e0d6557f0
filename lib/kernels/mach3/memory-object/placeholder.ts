/**
 * Pages that a pager has been asked for and that have not come yet.
 *
 * Layer: kernels/mach3. While a page is asked for, a busy page without a frame
 * holds its place in the object; whoever needs it sleeps.
 */
import type { VmObject } from "../vm-object.ts";

/**
 * Whether data for page `index` of `object` can be used: it was asked for, or nothing is there. An object that has
 * ended wants none, and while newer data are on their way to the pager what it gives is out of date.
 */
export function wanted(object: VmObject, index: number): boolean {
  if (object.memoryObject === undefined || object.inFlight?.has(index) === true) return false;
  const page = object.pages.get(index);
  return page === undefined || page.busy;
}
