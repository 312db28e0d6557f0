/** CHORUS/MiX V.4 over the nucleus: Process Manager, Object Manager, Streams Manager. */
export { Mix, S5_PATH } from "./mix.ts";
export { mixSites } from "./sites.ts";
export { mixShape, nucleusCosts } from "./shape.ts";
export type { MixValues } from "./shape.ts";
export { ProcessManager } from "./process-manager.ts";
export type { CallName, Frame } from "./process-manager.ts";
export { UnixLibrary } from "./unix-library.ts";
export { ObjectDescriptor } from "./object-descriptor.ts";
export { ObjectManager } from "./object-manager.ts";
export type { Vnode, VnodeOps } from "./vnode.ts";
export { Ufs } from "./ufs.ts";
export { S5 } from "./s5.ts";
export { SwapMapper } from "./swap.ts";
export { StreamsManager } from "./streams-manager.ts";
export { Server } from "./server.ts";
export type { ServerStructure } from "./server.ts";
