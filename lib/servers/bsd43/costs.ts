/** What the server and the Emulation Library charge, in ns. Layer: servers/bsd43. */
import type { InNs } from "../../kernels/mach3/index.ts";
import type { Mach3Values } from "./shape.ts";

export type LibraryCosts = InNs<Mach3Values["library"]>;
export type ServerCosts = InNs<Mach3Values["server"]>;
