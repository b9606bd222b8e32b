import type { Inventory } from "./inventory.js";

/** An inventory whose parts are worked out when somebody asks for them, and once: most readers of a text do not. */
export function inventoryOf(parts: { readonly [Part in keyof Inventory]: () => Inventory[Part] }): Inventory {
  return {
    get definitions() {
      return kept(this, "definitions", parts.definitions());
    },
    get idle() {
      return kept(this, "idle", parts.idle());
    },
    get translations() {
      return kept(this, "translations", parts.translations());
    },
    get comments() {
      return kept(this, "comments", parts.comments());
    },
  };
}

function kept<T>(of: Inventory, part: keyof Inventory, value: T): T {
  Object.defineProperty(of, part, { value, enumerable: true });
  return value;
}
