/** Numbers that look random and are the same in every run, so that every run asks the same. */

/** A function that gives whole numbers from 0 to below its argument. Source: Marsaglia, Xorshift RNGs, 2003. */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** An IPv4 prefix of length 16 to 32, its host bits zero. */
export function randomPrefix(random: (below: number) => number): { readonly address: number; readonly length: number } {
  const length = 16 + random(17);
  const address = random(2 ** 32);
  return { address: address - (address % 2 ** (32 - length)), length };
}
