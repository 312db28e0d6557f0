/** Where the project's own files are, whatever the working directory. Layer: notebook. */
import { fileURLToPath } from "node:url";

/** The folder of the library's sources. */
export const libraryRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** The folder that holds lib/, notebooks/ and node_modules/. */
export const projectRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
