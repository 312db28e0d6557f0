/** Bit maps, as the headers of cylinder groups hold them: bit i is bit i mod 8 of byte i / 8. */

export const testBit = (map: Uint8Array, bit: number): boolean => ((map[bit >> 3]! >> (bit & 7)) & 1) === 1;

/** Set the bits from `from` to before `to`. */
export function setBits(map: Uint8Array, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) map[bit >> 3]! |= 1 << (bit & 7);
}

/** Clear the bits from `from` to before `to`. */
export function clearBits(map: Uint8Array, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) map[bit >> 3]! &= ~(1 << (bit & 7));
}

/** The first bit from `from` to before `to` that is `value`; -1 if none is. */
export function findBit(map: Uint8Array, from: number, to: number, value: boolean): number {
  const none = value ? 0x00 : 0xff;
  for (let bit = from; bit < to; bit++) {
    if (map[bit >> 3] === none) bit |= 7; // nothing in this byte
    else if (testBit(map, bit) === value) return bit;
  }
  return -1;
}

/** The first bit that is `value` at or after `start`, going round from `to` to `from`; -1 if none is. */
export function findBitAround(map: Uint8Array, from: number, to: number, start: number, value: boolean): number {
  const bit = findBit(map, start, to, value);
  return bit >= 0 ? bit : findBit(map, from, Math.min(start, to), value);
}
