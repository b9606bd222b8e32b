import type { Binding } from "./config.js";
import { placeOf } from "./config.js";
import type { Command } from "./lexer.js";

/** Which lists are bound where, in the order of the commands. */
export class Bindings {
  private readonly byPlace = new Map<string, Binding[]>();
  private readonly placesOfList = new Map<string, Set<string>>();

  add(binding: Binding): void {
    const place = placeOf(binding);
    const there = this.byPlace.get(place);
    if (there === undefined) this.byPlace.set(place, [binding]);
    else there.push(binding);
    const places = this.placesOfList.get(binding.list);
    if (places === undefined) this.placesOfList.set(binding.list, new Set([place]));
    else places.add(place);
  }

  remove(binding: Binding): void {
    this.change(binding.list, placeOf(binding), () => []);
  }

  removeList(list: string): void {
    for (const place of this.placesOfList.get(list) ?? []) this.change(list, place, () => []);
    this.placesOfList.delete(list);
  }

  rename(list: string, to: string): void {
    const places = this.placesOfList.get(list) ?? new Set<string>();
    for (const place of places) this.change(list, place, (one) => [{ ...one, list: to }]);
    this.placesOfList.delete(list);
    this.placesOfList.set(to, new Set([...(this.placesOfList.get(to) ?? []), ...places]));
  }

  clear(): void {
    this.byPlace.clear();
    this.placesOfList.clear();
  }

  toArray(): Binding[] {
    return [...this.byPlace.values()].flat();
  }

  private change(list: string, place: string, into: (binding: Binding) => Binding[]): void {
    const there = this.byPlace.get(place) ?? [];
    this.byPlace.set(
      place,
      there.flatMap((one) => (one.list === list ? into(one) : [one])),
    );
  }
}

/** `NAME in|out interface IF [options]` or `NAME global`, from word `at`; undefined for anything else. */
export function bindingOf(command: Command, at: number): Binding | undefined {
  const [list, way, word, name, ...rest] = command.words.slice(at);
  if (list === undefined) return undefined;
  if (way === "global" && word === undefined) {
    return { list, where: "global", interface: undefined, perUser: false, command };
  }
  if ((way !== "in" && way !== "out") || word !== "interface" || name === undefined) return undefined;
  if (rest.some((one) => one !== "per-user-override" && one !== "control-plane")) return undefined;
  const where = rest.includes("control-plane") ? "control-plane" : way;
  return { list, where, interface: name, perUser: rest.includes("per-user-override"), command };
}
