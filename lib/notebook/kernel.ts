/**
 * The Jupyter kernel: answers requests with the session's work.
 *
 * Layer: notebook. Requests on shell are answered one after the other; those on control
 * (interrupt, shut down) at once. When a cell fails, or ends because its reader interrupted
 * it, the cells that were already waiting behind it are answered "aborted", as the protocol wants.
 */
import { languageInfo } from "./language.ts";
import type { OutputSink } from "./output-queue.ts";
import { newShared } from "./phase.ts";
import { Session } from "./session.ts";
import { Sockets } from "./sockets.ts";
import type { Channel } from "./sockets.ts";
import { fromCodePoints, toCodePoints } from "./text.ts";
import { PROTOCOL_VERSION } from "./wire.ts";
import type { Connection, Content, Header, Message } from "./wire.ts";

/** After a failure, time for requests to come in that were sent before it. */
const ABORT_WINDOW_MS = 50;

type Handler = (content: Content, request: Message) => Content | Promise<Content>;

export class Kernel {
  readonly #shared = newShared();
  readonly #sockets: Sockets;
  /** There from the start on. */
  #session!: Session;
  readonly #onShutdown: () => void;
  readonly #waiting: Message[] = [];
  readonly #aborted = new WeakSet<Message>();
  #isServing = false;
  #executionCount = 0;
  /** Header of the request whose cell ran last; what is printed later still belongs to it. */
  #cause: Header | undefined;

  constructor(connection: Connection, onShutdown: () => void) {
    this.#sockets = new Sockets(connection, this.#shared);
    this.#onShutdown = onShutdown;
  }

  /** Takes requests. */
  async start(): Promise<void> {
    const sink: OutputSink = {
      print: (name, text) => this.#sockets.publish("stream", { name, text }, this.#cause),
      show: (data, display_id, update) =>
        this.#sockets.publish(update ? "update_display_data" : "display_data", { data, metadata: {}, transient: { display_id } }, this.#cause),
    };
    this.#session = await Session.start(sink, this.#shared);
    await this.#sockets.open((channel, request) => {
      if (channel === "control") return void this.#answer(channel, request);
      this.#waiting.push(request);
      void this.#serve();
    });
    this.#sockets.publish("status", { execution_state: "starting" });
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      await this.#answer("shell", request);
    }
    this.#isServing = false;
  }

  async #answer(channel: Channel, request: Message): Promise<void> {
    const type = request.header.msg_type;
    const handler = this.#handlers[type];
    if (handler === undefined) return; // nothing is owed to messages that this kernel does not know
    const replyType = type.replace(/_request$/, "_reply");
    this.#sockets.publish("status", { execution_state: "busy" }, request.header);
    try {
      const content = await handler(request.content, request);
      this.#sockets.reply(channel, request, replyType, { status: "ok", ...content });
    } catch (error) {
      const { name, message } = error as Error;
      this.#sockets.reply(channel, request, replyType, { status: "error", ename: name, evalue: message, traceback: [] });
    }
    this.#sockets.publish("status", { execution_state: "idle" }, request.header);
    if (type === "shutdown_request") await this.#shutDown();
  }

  readonly #handlers: Record<string, Handler> = {
    kernel_info_request: () => ({
      protocol_version: PROTOCOL_VERSION,
      implementation: "kernelized",
      implementation_version: "1",
      language_info: languageInfo(),
      banner: `TypeScript on Node.js ${process.version}`,
      help_links: [],
    }),
    execute_request: (content, request) => this.#execute(content, request),
    is_complete_request: ({ code }) => {
      const { status, indent } = this.#session.isComplete(code as string);
      return status === "incomplete" ? { status, indent } : { status };
    },
    inspect_request: ({ code, cursor_pos }) => {
      const found = this.#session.inspect(code as string, fromCodePoints(code as string, cursor_pos as number));
      return { found: found !== undefined, data: found === undefined ? {} : { "text/plain": found }, metadata: {} };
    },
    complete_request: ({ code, cursor_pos }) => {
      const { start, end, candidates } = this.#session.complete(code as string, fromCodePoints(code as string, cursor_pos as number));
      const place = { cursor_start: toCodePoints(code as string, start), cursor_end: toCodePoints(code as string, end) };
      return { matches: candidates, ...place, metadata: {} };
    },
    comm_info_request: () => ({ comms: {} }),
    history_request: () => ({ history: [] }),
    interrupt_request: () => {
      this.#session.interrupt();
      return {};
    },
    shutdown_request: ({ restart }) => ({ restart }),
  };

  async #execute(content: Content, request: Message): Promise<Content> {
    if (this.#aborted.has(request)) return { status: "aborted" };
    const { code, silent = false, store_history = true, stop_on_error = true } = content;
    if (!silent && store_history) this.#executionCount++;
    const execution_count = this.#executionCount;
    this.#cause = request.header;
    if (!silent) this.#sockets.publish("execute_input", { code, execution_count }, request.header);

    const outcome = await this.#session.execute(code as string);
    if (outcome.status === "ok") {
      const { result } = outcome;
      if (!silent && result !== undefined) this.#sockets.publish("execute_result", { data: result, metadata: {}, execution_count }, request.header);
      if (outcome.isInterrupted) await this.#abortWaiting();
      return { execution_count, user_expressions: {}, payload: [] };
    }
    this.#sockets.publish("error", { ...outcome.failure }, request.header);
    if (stop_on_error) await this.#abortWaiting();
    return { status: "error", execution_count, ...outcome.failure };
  }

  async #abortWaiting(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ABORT_WINDOW_MS));
    for (const request of this.#waiting) this.#aborted.add(request);
  }

  async #shutDown(): Promise<void> {
    await this.#session.close();
    await this.#sockets.close();
    this.#onShutdown();
  }
}
