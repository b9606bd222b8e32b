import * as fc from "fast-check";

/** Addresses, those at powers of two and at both ends often. */
export const ipv4: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 0xffffffff }),
  fc.constantFrom(0, 0xffffffff, 0x7fffffff, 0x80000000, 0x0a000000),
);

export const ipv6: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 128n - 1n, 2n ** 64n, 2n ** 64n - 1n, 2n ** 127n),
  // Long runs of zero groups, in any place.
  fc
    .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xdb8n, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((address, group) => (address << 16n) | group, 0n)),
);
