/**
 * The device interface as a task calls it: device_open, device_read, device_write.
 *
 * Layer: kernels/mach3; section 2 ("the device_read() call, which, like most Mach
 * calls, is an RPC to the kernel, returns the data in out of line memory directly
 * from the disk driver without any unnecessary copies").
 */
import type { Steps } from "../../engine/index.ts";
import type { DeviceReply, DeviceRequest } from "./device-server.ts";
import { MachError } from "./errors.ts";
import { call, machMsgSend } from "./ipc.ts";
import type { OutOfLineItem, PortName, Received } from "./message.ts";
import type { Task } from "./task.ts";

/** device_open (section 2): a send right to the device called `name`. @throws D_NO_SUCH_DEVICE */
export function* deviceOpen(task: Task, name: string): Steps<PortName> {
  const { kernel } = task;
  const master = task.names.copyout(kernel.sendRight(kernel.devices.master));
  try {
    const answer = yield* call(task, { id: "device_open", remote: master, data: { name } });
    return answer.ports[0]!;
  } finally {
    task.names.deallocate(master);
  }
}

/**
 * device_read (section 2): `bytes` bytes from 512-byte `record` on; their address, to be given back with vm_deallocate.
 * @throws D_INVALID_SIZE, D_INVALID_RECNUM, D_NO_MEMORY, D_IO_ERROR
 */
export function* deviceRead(task: Task, device: PortName, record: number, bytes: number): Steps<number> {
  const data: DeviceRequest = { record, bytes, tag: 0 };
  const { reply, address } = deviceReply(yield* call(task, { id: "device_read", remote: device, data }));
  if (reply.error !== undefined) throw new MachError(reply.error, `record ${record}`);
  if (address === undefined) throw new MachError("D_NO_MEMORY", `no room for ${bytes} bytes in ${task.name}`);
  return address;
}

/**
 * device_write (section 2): write memory at 512-byte `record` and wait until it is there. Errors as device_read.
 * @param memory whole sectors; with `deallocate` the caller's pages go without even a mapping left.
 */
export function* deviceWrite(task: Task, device: PortName, record: number, memory: OutOfLineItem): Steps {
  const data: DeviceRequest = { record, bytes: memory.bytes, tag: 0 };
  const { reply } = deviceReply(yield* call(task, { id: "device_write", remote: device, data, memory: [memory] }));
  if (reply.error !== undefined) throw new MachError(reply.error, `record ${record}`);
}

/** device_read_request (section 2): as device_read, but the answer comes to the port `replyPort`, with `tag`. */
export function deviceReadRequest(task: Task, device: PortName, replyPort: PortName, request: DeviceRequest): Steps {
  return machMsgSend(task, { id: "device_read", remote: device, local: replyPort, data: request });
}

/** device_write_request (section 2): as device_write, but the answer comes to the port `replyPort`, with `tag`. */
export function deviceWriteRequest(task: Task, device: PortName, replyPort: PortName, request: DeviceRequest, memory: OutOfLineItem): Steps {
  return machMsgSend(task, { id: "device_write", remote: device, local: replyPort, data: request, memory: [memory] });
}

/** What an answer says, and where the data are if it brought any: a write and what has failed bring none. */
export function deviceReply(answer: Received): { reply: DeviceReply; address: number | undefined } {
  return { reply: answer.data as DeviceReply, address: answer.memory[0]?.address };
}
