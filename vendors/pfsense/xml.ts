import { SaxesParser } from "saxes";
import type { Source, Span } from "../../src/vendor-kit/index.js";
import { span } from "../../src/vendor-kit/index.js";

/** An element of a configuration with the places of its tags: UTF-16 offsets into the source, ends exclusive. */
export interface Element {
  readonly name: string;
  readonly source: Source;
  /** The `<` of the start tag. */
  readonly start: number;
  /** Behind the `>` of the start tag. */
  openEnd: number;
  /** The `<` of the end tag; equal to `openEnd` of an empty-element tag. */
  closeStart: number;
  /** Behind the `>` of the end tag. */
  end: number;
  readonly children: Element[];
  /** The character data between the tags, child elements left out, entities resolved, trimmed. */
  text: string;
}

export interface Document {
  readonly source: Source;
  readonly root: Element | undefined;
  /** What is not well-formed. pfSense refuses such a file as a whole. */
  readonly problems: readonly { readonly message: string; readonly at: Span }[];
  /** The `encoding` of the XML declaration, in lower case. */
  readonly encoding: string | undefined;
}

/**
 * An XML text as a tree that knows its places. Never throws; no entity but the five of XML is expanded (so none can
 * grow) and nothing is fetched. Of a broken text the elements that can be told apart are kept.
 */
export function readXml(source: Source): Document {
  const parser = new SaxesParser();
  const problems: { message: string; at: Span }[] = [];
  const open: Element[] = [];
  let root: Element | undefined;
  let encoding: string | undefined;
  let pieces: string[][] = [];
  const text = source.text;

  parser.on("error", (error) => {
    if (problems.length >= 20) return;
    const at = Math.min(parser.position, text.length);
    problems.push({ message: error.message.replace(/^[\d:]+\s*/, ""), at: span(source, Math.max(0, at - 1), at) });
  });
  parser.on("xmldecl", (declaration) => {
    encoding = declaration.encoding?.toLowerCase();
  });
  parser.on("opentag", (tag) => {
    const openEnd = parser.position;
    const start = text.lastIndexOf("<", openEnd - 1);
    const element: Element = {
      name: tag.name,
      source,
      start: start < 0 ? 0 : start,
      openEnd,
      closeStart: openEnd,
      end: openEnd,
      children: [],
      text: "",
    };
    const parent = open[open.length - 1];
    if (parent !== undefined) parent.children.push(element);
    else root ??= element;
    open.push(element);
    pieces.push([]);
  });
  parser.on("closetag", (tag) => {
    const element = open.pop();
    if (element === undefined) return;
    element.text = pieces.pop()!.join("").trim();
    element.end = parser.position;
    element.closeStart = tag.isSelfClosing
      ? element.openEnd
      : Math.max(element.openEnd, text.lastIndexOf("<", parser.position - 1));
  });
  const gather = (piece: string): void => {
    pieces[pieces.length - 1]?.push(piece);
  };
  parser.on("text", gather);
  parser.on("cdata", gather);

  try {
    parser.write(text).close();
  } catch (error) {
    // saxes throws on its own misuse only; a text must never do so, but a reader that promises not to throw makes sure.
    problems.push({ message: String(error), at: span(source, 0, Math.min(1, text.length)) });
  }
  for (const element of open) {
    element.closeStart = text.length;
    element.end = text.length;
    element.text = pieces.shift()?.join("").trim() ?? "";
  }
  pieces = [];
  return { source, root, problems, encoding };
}

export function child(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((one) => one.name === name);
}

export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  return element === undefined ? [] : element.children.filter((one) => one.name === name);
}

/** The element below `element` by names, one level each. */
export function at(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>(child, element);
}

/** The text of a child, "" where there is none: pfSense does not tell the two apart where it wants a value. */
export function valueOf(element: Element | undefined, name: string): string {
  return child(element, name)?.text ?? "";
}

/** A flag of pfSense: present means set, whatever it holds. */
export function has(element: Element | undefined, name: string): boolean {
  return child(element, name) !== undefined;
}

export function elementSpan(element: Element): Span {
  return span(element.source, element.start, element.end);
}

/** Text as character data or an attribute's value: `]]>`, quotes and markup cannot end what they stand in. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
