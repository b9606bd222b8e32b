/**
 * For each line the hash by which GitHub's code scanning knows it again (`primaryLocationLineHash`): of the hundred
 * characters from its start on, blanks left out and line ends made LF, with the number of equal ones up to it behind a
 * colon. It is the one that GitHub's upload action works out itself; any other value makes that action complain.
 *
 * Source: GitHub, SARIF support for code scanning, "Including data for fingerprint generation"; the hash is a polynomial
 * with the base 37, modulo 2^64.
 */
export function lineHashes(text: string): string[] {
  const hashes: string[] = [];
  const seen = new Map<string, number>();
  const window = new Uint16Array(size);
  const startsLine = new Uint8Array(size);
  let at = 0;
  // The hash in two halves of 32 bits, since numbers hold 53.
  let high = 0;
  let low = 0;

  const finishLine = (): void => {
    if (startsLine[at] === 0) return;
    startsLine[at] = 0;
    const hash = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    hashes.push(`${hash}:${count}`);
  };
  const take = (unit: number): void => {
    const leaving = window[at]!;
    window[at] = unit;
    const newLow = low * base + unit - leavingLow * leaving;
    const carry = Math.floor(newLow / half);
    low = newLow - carry * half;
    const newHigh = high * base + carry - leavingHigh * leaving;
    high = newHigh - Math.floor(newHigh / half) * half;
    at = (at + 1) % size;
  };

  let lineStart = true;
  for (const unit of significantUnits(text)) {
    finishLine();
    if (lineStart) startsLine[at] = 1;
    lineStart = unit === lineFeed;
    take(unit);
  }
  for (let i = 0; i < size; i++) {
    finishLine();
    take(0);
  }
  return hashes;
}

const size = 100;
const base = 37;
const half = 2 ** 32;
/** What a character that leaves the window weighs: the base to the power of the window's size. */
const leavingWeight = BigInt.asUintN(64, BigInt(base) ** BigInt(size));
const leavingHigh = Number(leavingWeight >> 32n);
const leavingLow = Number(leavingWeight & 0xffffffffn);

const lineFeed = 10;
const carriageReturn = 13;
const endOfFile = 65535;

/** A line feed counts as the second half of a CR LF only right behind it. */
function* significantUnits(text: string): Generator<number> {
  let afterReturn = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const skipped = unit === 32 || unit === 9 || (afterReturn && unit === lineFeed);
    afterReturn = unit === carriageReturn;
    if (!skipped) yield afterReturn ? lineFeed : unit;
  }
  yield endOfFile;
}
