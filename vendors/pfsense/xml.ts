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
  children: readonly Element[];
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
 * An XML text as a tree that knows its places. Never throws, takes linear time, expands no entity but the five of XML
 * and characters by number (so nothing can grow), fetches nothing, and leaves attributes alone. Of a broken text the
 * elements that can be told apart are kept, and `problems` says what is wrong with it.
 *
 * Source: Extensible Markup Language (XML) 1.0, fifth edition.
 */
export function readXml(source: Source): Document {
  const { text } = source;
  const parser = new SaxesParser();
  const problems: { message: string; at: Span }[] = [];
  const open: Element[] = [];
  let root: Element | undefined;
  let encoding: string | undefined;

  parser.on("error", (error) => {
    if (problems.length >= 20) return;
    const at = Math.min(parser.position, text.length);
    // saxes puts its own line and column in front.
    problems.push({ message: error.message.replace(/^[\d:]+\s*/, ""), at: span(source, Math.max(0, at - 1), at) });
  });
  parser.on("xmldecl", (declaration) => {
    encoding = declaration.encoding?.toLowerCase();
  });
  // The name is there before any attribute: what stands in front of it is the `<`.
  parser.on("opentagstart", ({ name }) => {
    const start = Math.max(0, text.lastIndexOf("<", parser.position - 1));
    const element: Element = {
      name,
      source,
      start,
      openEnd: start,
      closeStart: start,
      end: start,
      children: none,
      text: "",
    };
    const parent = open[open.length - 1];
    if (parent !== undefined) addChild(parent, element);
    else root ??= element;
    open.push(element);
  });
  parser.on("opentag", () => {
    const element = open[open.length - 1]!;
    element.openEnd = parser.position;
    element.closeStart = parser.position;
  });
  parser.on("closetag", ({ isSelfClosing }) => {
    const element = open.pop();
    if (element === undefined) return;
    element.end = parser.position;
    if (!isSelfClosing) element.closeStart = Math.max(element.openEnd, text.lastIndexOf("<", parser.position - 1));
    if (element.text !== "") element.text = element.text.trim();
  });
  const gather = (piece: string): void => {
    const top = open[open.length - 1];
    if (top !== undefined) top.text += piece;
  };
  parser.on("text", gather);
  parser.on("cdata", gather);

  parser.write(text).close();
  for (const element of open) {
    element.closeStart = text.length;
    element.end = text.length;
    element.text = element.text.trim();
  }
  return { source, root, problems, encoding };
}

const none: readonly Element[] = [];

function addChild(parent: Element, element: Element): void {
  if (parent.children === none) parent.children = [element];
  else (parent.children as Element[]).push(element);
}

/** The first place at or behind `from` that holds no space of XML; the text's length where there is none. */
export function skipSpace(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return i;
  }
  return i;
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
