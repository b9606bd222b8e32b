/**
 * Lines in order that commands add, insert and take away, each at little cost however many there are: they are kept in
 * pieces, so that an insertion moves no more than one piece.
 */
export class Editable<T> {
  private pieces: T[][] = [[]];
  private readonly gone = new Set<T>();
  private byKey: Map<string, T[]> | undefined;
  private count = 0;

  constructor(private readonly keyOf: (item: T) => string) {}

  get length(): number {
    return this.count;
  }

  add(item: T): void {
    let last = this.pieces.at(-1)!;
    if (last.length >= PIECE) this.pieces.push((last = []));
    last.push(item);
    this.count++;
    this.index(item);
  }

  /** Puts an item before the one at `place` (from 0, below the length). */
  insert(place: number, item: T): void {
    this.compact();
    let rest = place;
    const which = this.pieces.findIndex((piece) => rest < piece.length || ((rest -= piece.length), false));
    const piece = this.pieces[which]!;
    piece.splice(rest, 0, item);
    if (piece.length >= 2 * PIECE) this.pieces.splice(which + 1, 0, piece.splice(PIECE));
    this.count++;
    this.index(item);
  }

  /** Takes the first line with this key away; undefined when there is none. */
  remove(key: string): T | undefined {
    if (this.byKey === undefined) {
      this.byKey = new Map();
      for (const item of this.toArray()) this.index(item);
    }
    const found = this.byKey.get(key)?.shift();
    if (found === undefined) return undefined;
    this.gone.add(found);
    this.count--;
    return found;
  }

  toArray(): T[] {
    this.compact();
    return this.pieces.flat();
  }

  private index(item: T): void {
    if (this.byKey === undefined) return;
    const key = this.keyOf(item);
    const same = this.byKey.get(key);
    if (same === undefined) this.byKey.set(key, [item]);
    else same.push(item);
  }

  private compact(): void {
    if (this.gone.size === 0) return;
    this.pieces = this.pieces.map((piece) => piece.filter((item) => !this.gone.has(item)));
    this.gone.clear();
  }
}

const PIECE = 1000;
