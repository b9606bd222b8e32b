/** Lines in order that commands add, insert and take away; each change costs no more than a look-up. */
export class Editable<T> {
  private items: T[] = [];
  private readonly gone = new Set<T>();
  private byKey: Map<string, T[]> | undefined;

  constructor(private readonly keyOf: (item: T) => string) {}

  get length(): number {
    return this.items.length - this.gone.size;
  }

  add(item: T): void {
    this.items.push(item);
    this.index(item);
  }

  /** Puts an item before the one at `place` (from 0). */
  insert(place: number, item: T): void {
    this.compact();
    this.items.splice(place, 0, item);
    this.index(item);
  }

  /** Takes the first line with this key away; undefined when there is none. */
  remove(key: string): T | undefined {
    if (this.byKey === undefined) {
      this.compact();
      this.byKey = new Map();
      for (const item of this.items) this.index(item);
    }
    const found = this.byKey.get(key)?.shift();
    if (found !== undefined) this.gone.add(found);
    return found;
  }

  toArray(): T[] {
    this.compact();
    return this.items;
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
    this.items = this.items.filter((item) => !this.gone.has(item));
    this.gone.clear();
  }
}
