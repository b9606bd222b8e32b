/**
 * Gives for each line of a text, counted from 1, the hash by which GitHub's code scanning knows it again
 * (`primaryLocationLineHash`): of the hundred characters from its start on, blanks left out and line ends made LF, with
 * the number of equal ones up to it behind a colon. It is the one that GitHub's upload action works out itself; any other
 * value makes that action complain. Undefined beyond the last line.
 *
 * Source: GitHub, SARIF support for code scanning, "Including data for fingerprint generation"; the hash is a polynomial
 * with the base 37, modulo 2^64.
 */
export function lineHashes(text: string): (line: number) => string | undefined {
  const windows = windowsOf(text);
  const counts = countsOf(windows);
  return (line) => {
    const window = windows[line - 1];
    return window === undefined ? undefined : `${hash(window)}:${counts[line - 1]!}`;
  };
}

const size = 100;

/** What stands at the end of a file, and behind it. */
const endOfFile = "\uffff";
const nothing = "\0";

function windowsOf(text: string): string[] {
  const significant = text.replace(/\r\n?/g, "\n").replace(/[ \t]+/g, "") + endOfFile;
  const windows: string[] = [];
  for (let start = 0; start >= 0 && start < significant.length;) {
    windows.push(significant.slice(start, start + size).padEnd(size, nothing));
    const end = significant.indexOf("\n", start);
    start = end < 0 ? end : end + 1;
  }
  return windows;
}

/** How often each stood there so far, itself included. */
function countsOf(windows: readonly string[]): number[] {
  const seen = new Map<string, number>();
  return windows.map((window) => {
    const count = (seen.get(window) ?? 0) + 1;
    seen.set(window, count);
    return count;
  });
}

function hash(window: string): string {
  let value = 0n;
  for (let i = 0; i < size; i++) value = BigInt.asUintN(64, value * 37n + BigInt(window.charCodeAt(i)));
  return value.toString(16);
}
