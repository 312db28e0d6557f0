/** Comparing many bytes: a difference is told by its place, not by printing them all. */

/** @throws unless `found` is byte for byte `expected`. */
export function expectBytes(found: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(found, expected) === 0) return;
  if (found.length !== expected.length) throw new Error(`${found.length} bytes, expected ${expected.length}`);
  const at = found.findIndex((byte, i) => byte !== expected[i]);
  throw new Error(`byte ${at} of ${found.length} is ${found[at]}, expected ${expected[at]}`);
}
