/**
 * The Net Input Thread: packets that the kernel passes on from the network (section 3.1.1).
 *
 * Layer: servers/bsd43. The Ethernet interface is simulated: whoever runs a
 * workload delivers packets; each is a message from the kernel to the server.
 */
import type { Steps } from "../../engine/index.ts";
import { machMsgReceive } from "../../kernels/mach3/index.ts";
import type { PortName, Task } from "../../kernels/mach3/index.ts";
import { kernelMessage } from "../../kernels/mach3/message.ts";

const PACKETS = 16; // that may wait for the thread before more are lost

export class NetInput {
  /** Packets and bytes that the server got, and packets that came too fast. */
  packets = 0;
  bytes = 0;
  lost = 0;
  readonly #task: Task;
  readonly #name: PortName;
  readonly #packetNs: number;

  /** The thread's own work with each packet takes `packetNs`. */
  constructor(task: Task, packetNs: number) {
    this.#task = task;
    this.#packetNs = packetNs;
    this.#name = task.names.allocatePort("packets", PACKETS);
  }

  /** A packet arrives at the interface, which interrupts the processor; one that finds the queue of the thread full is lost. */
  deliver(packet: Uint8Array): void {
    const { kernel, names } = this.#task;
    const port = names.receiveRight(this.#name);
    const inLine = packet.slice();
    kernel.machine.processor.interrupt("ethernet", kernel.costs.packetInterruptNs, () => {
      if (port.full) this.lost++;
      else kernel.send(port, kernelMessage("net_packet", inLine, { inLine }));
    });
  }

  *thread(): Steps {
    for (;;) {
      const message = yield* machMsgReceive(this.#task, this.#name);
      this.#task.charge(this.#packetNs, "packet");
      this.packets++;
      this.bytes += (message.data as Uint8Array).length;
    }
  }
}
