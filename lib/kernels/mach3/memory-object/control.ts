/**
 * The control port of a memory object: what pagers tell the kernel.
 *
 * Layer: kernels/mach3; section 2, [21]. One file a message; each says what it is
 * the answer to and what is answered to it.
 */
import type { Steps } from "../../../engine/index.ts";
import { MachError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { KernelMessage } from "../message.ts";
import { discardMessage } from "../port.ts";
import type { KernelService } from "../port.ts";
import { releaseObject } from "../vm-object.ts";
import type { VmObject } from "../vm-object.ts";
import { MEMORY_OBJECT_DATA_ERROR, takeDataError } from "./data-error.ts";
import { MEMORY_OBJECT_DATA_PROVIDED, takeDataProvided } from "./data-provided.ts";
import { MEMORY_OBJECT_DATA_SUPPLY, takeDataSupply } from "./data-supply.ts";
import { MEMORY_OBJECT_DATA_UNAVAILABLE, takeDataUnavailable } from "./data-unavailable.ts";
import { MEMORY_OBJECT_LOCK_REQUEST, takeLockRequest } from "./lock-request.ts";
import { MEMORY_OBJECT_SET_ATTRIBUTES, takeSetAttributes } from "./set-attributes.ts";

type Take = (kernel: Kernel, object: VmObject, message: KernelMessage) => Steps;

const takers: Readonly<Record<string, Take>> = {
  [MEMORY_OBJECT_SET_ATTRIBUTES]: takeSetAttributes,
  [MEMORY_OBJECT_DATA_PROVIDED]: takeDataProvided,
  [MEMORY_OBJECT_DATA_SUPPLY]: takeDataSupply,
  [MEMORY_OBJECT_DATA_UNAVAILABLE]: takeDataUnavailable,
  [MEMORY_OBJECT_DATA_ERROR]: takeDataError,
  [MEMORY_OBJECT_LOCK_REQUEST]: takeLockRequest,
};

/** What the kernel does with messages to the control port of `object`. */
export function memoryObjectControl(kernel: Kernel, object: VmObject): KernelService {
  return function* (message) {
    const take = takers[message.id];
    if (take === undefined) throw new MachError("KERN_INVALID_ARGUMENT", `${message.id} to ${object.control?.name ?? object.name}`);
    if (object.memoryObject === undefined) {
      discardMessage(message); // the object has ended meanwhile
      return undefined;
    }
    object.references++;
    try {
      yield* take(kernel, object, message);
    } finally {
      releaseObject(kernel, object);
    }
    return undefined;
  };
}
