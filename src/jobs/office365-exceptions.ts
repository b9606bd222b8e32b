import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { Office365Feed, Office365Selection } from "../feeds/index.js";
import { endpointSetLabel, feedTitle, selectOffice365 } from "../feeds/index.js";
import { amount } from "../policy/index.js";
import { listName } from "./azure-exceptions.js";
import type { Chosen } from "./chosen.js";

/** An empty list chooses all; a set must meet every key, and within a key any of its words. */
export interface Office365Wish {
  readonly areas: readonly string[];
  readonly categories: readonly string[];
  readonly ids: readonly string[];
  /** `443` (TCP or UDP), `tcp/443`, `udp/3478`. */
  readonly ports: readonly string[];
  /** Only sets that every customer needs. */
  readonly required: boolean;
  /** Ports that no set publishes choose sets all the same. */
  readonly unpublishedPorts: boolean;
}

/** The addresses of endpoint sets, each set a part. */
export function office365Exceptions(feed: Office365Feed, wish: Office365Wish): Chosen {
  const description = descriptionOf(wish);
  const chosen = (selection: Office365Selection, warnings: readonly Diagnostic[]): Chosen => {
    const { sets, diagnostics } = selectOffice365(feed, selection);
    return {
      description,
      name: listName([description]),
      origin: [`${feedTitle(feed)}, sha256 ${feed.sha256}`],
      parts: sets.map(({ set, addresses }) => ({ label: endpointSetLabel(set), addresses })),
      diagnostics: [...diagnostics, ...(hasErrors(diagnostics) ? [] : warnings)],
    };
  };
  const wrong = wish.ports.filter((port) => !isPort(port)).map(portProblem);
  if (wrong.length > 0) return { ...chosen({}, []), diagnostics: wrong };

  const others = selectionOf(wish);
  const unpublished = wish.ports.filter((port) => !feedPublishes(feed, others, port));
  if (unpublished.length === 0) {
    const ports = wish.ports.flatMap(portWords).map((text) => ({ text }));
    return chosen({ ...others, ...(ports.length > 0 && { ports }) }, []);
  }
  const all = selectOffice365(feed, others);
  if (hasErrors(all.diagnostics)) return chosen(others, []);
  const list = unpublished.join(", ");
  const opened = amount(all.addresses);
  if (wish.unpublishedPorts) {
    return chosen(others, [
      diagnostic(
        "RW2007",
        `Microsoft does not publish ${list} for any of these endpoint sets: opened there, the list opens ${opened} that nobody has promised to answer`,
        { help: "Office 365 needs no SMB; leave it out unless you know who answers there" },
      ),
    ]);
  }
  const problem = diagnostic(
    "RW5003",
    `no endpoint set of ${feed.source.path} publishes ${list}, so that the list is empty`,
    {
      help: `Office 365 does not need it. --unpublished-ports would take the sets all the same, and open ${opened}`,
    },
  );
  return { ...chosen(others, []), parts: [], diagnostics: [problem] };
}

function selectionOf(wish: Office365Wish): Office365Selection {
  const wanted = (words: readonly string[]) => words.map((text) => ({ text }));
  return {
    ...(wish.areas.length > 0 && { areas: wanted(wish.areas) }),
    ...(wish.categories.length > 0 && { categories: wanted(wish.categories) }),
    ...(wish.ids.length > 0 && { ids: wanted(wish.ids) }),
    ...(wish.required && { required: true as const }),
  };
}

function feedPublishes(feed: Office365Feed, others: Office365Selection, port: string): boolean {
  const { sets } = selectOffice365(feed, others);
  return sets.some(({ set }) => portWords(port).some((word) => set.ports.includes(word)));
}

function isPort(text: string): boolean {
  const number = /^(?:tcp\/|udp\/)?(\d{1,5})$/.exec(text)?.[1];
  return number !== undefined && String(Number(number)) === number && Number(number) <= 65535;
}

function portWords(text: string): string[] {
  return text.includes("/") ? [text] : [`tcp/${text}`, `udp/${text}`];
}

function portProblem(text: string): Diagnostic {
  return diagnostic("RW1005", `"${text}" is no port`, { help: "write 443, tcp/443 or udp/3478" });
}

function descriptionOf(wish: Office365Wish): string {
  const words = [...wish.areas, ...wish.categories, ...wish.ids.map((id) => `id ${id}`), ...wish.ports];
  return ["Office 365", ...words, ...(wish.required ? ["required"] : [])].join(" ");
}
