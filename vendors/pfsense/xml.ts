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
 * A reader of our own, because a general one costs more than all the rest of a compile while it is cold.
 *
 * Source: Extensible Markup Language (XML) 1.0, fifth edition.
 */
export function readXml(source: Source): Document {
  const { text } = source;
  const problems: { message: string; at: Span }[] = [];
  const open: Element[] = [];
  let root: Element | undefined;
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const complain = (message: string, start: number, end = start + 1): void => {
    if (problems.length < 20) problems.push({ message, at: span(source, start, Math.min(text.length, end)) });
  };
  const gather = (piece: string, start: number): void => {
    const top = open[open.length - 1];
    if (top !== undefined) top.text += piece;
    else complain("there is text outside of the root element", start);
  };
  const close = (closeStart: number, end: number): void => {
    const element = open.pop()!;
    element.closeStart = closeStart;
    element.end = end;
    if (element.text !== "") element.text = element.text.trim();
  };
  /** Behind the end of a piece that begins at `start` and ends with `ending`. */
  const skipTo = (ending: string, start: number, what: string): number => {
    const found = text.indexOf(ending, start);
    if (found >= 0) return found + ending.length;
    complain(`this ${what} has no end`, start, text.length);
    return text.length;
  };

  while (position < text.length) {
    const start = text.indexOf("<", position);
    if (start !== position) {
      const end = start < 0 ? text.length : start;
      // Space between elements is most of a configuration, and means nothing.
      if (skipSpace(text, position) < end) {
        const from = position;
        gather(
          decoded(text.slice(from, end), (words, at) => complain(words, from + at)),
          from,
        );
      }
      position = end;
    }
    if (start < 0) break;
    if (text.startsWith("<!--", start)) {
      position = skipTo("-->", start + 4, "comment");
    } else if (text.startsWith("<![CDATA[", start)) {
      position = skipTo("]]>", start + 9, "CDATA section");
      gather(text.slice(start + 9, Math.max(start + 9, position - 3)), start);
    } else if (text.startsWith("<?", start)) {
      position = skipTo("?>", start + 2, "processing instruction");
    } else if (text.startsWith("<!", start)) {
      // A document type may define entities. None is read, so that a text that uses one has a problem.
      const subset = /^[^<>[]*\[/.test(text.slice(start + 2, start + 1000));
      position = subset ? skipTo("]>", start, "document type") : skipTo(">", start, "document type");
    } else if (text.startsWith("</", start)) {
      endTag.lastIndex = start;
      const found = endTag.exec(text);
      position = found === null ? start + 2 : endTag.lastIndex;
      if (found === null) complain("this is no end tag", start, start + 2);
      else endElement(found[1]!, start, position);
    } else {
      startTag.lastIndex = start;
      const found = startTag.exec(text);
      if (found === null) {
        complain("this < begins no tag; it must be written &lt;", start);
        gather("<", start);
        position = start + 1;
      } else {
        position = startTag.lastIndex;
        startElement(found[1]!, start, position);
        if (found[2] === "/") close(position, position);
      }
    }
  }
  for (const element of open) complain(`<${element.name}> has no end tag`, element.start, element.openEnd);
  while (open.length > 0) close(text.length, text.length);
  return { source, root, problems, encoding: declaration.exec(text.slice(0, 200))?.[2]?.toLowerCase() };

  function startElement(name: string, start: number, openEnd: number): void {
    const element: Element = {
      name,
      source,
      start,
      openEnd,
      closeStart: openEnd,
      end: openEnd,
      children: none,
      text: "",
    };
    const parent = open[open.length - 1];
    if (parent !== undefined) addChild(parent, element);
    else if (root === undefined) root = element;
    else complain("there is a second root element", start, openEnd);
    open.push(element);
  }

  /** An end tag ends the innermost element of its name; elements inside that were not ended are ended with it. */
  function endElement(name: string, start: number, end: number): void {
    // Looking further back than this for a lost start tag would take more than linear time.
    const furthest = Math.max(0, open.length - 64);
    let depth = open.length - 1;
    while (depth >= furthest && open[depth]!.name !== name) depth--;
    if (depth < furthest) return complain(`</${name}> ends nothing`, start, end);
    if (depth < open.length - 1) complain(`</${name}> stands where </${open[open.length - 1]!.name}> must`, start, end);
    while (open.length > depth + 1) close(start, start);
    close(start, end);
  }
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

const declaration = /^\uFEFF?<\?xml\s[^>]*?encoding\s*=\s*(["'])([^"']*)\1/;
const startTag =
  /<([A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)(?:\s+[^\s=<>/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/y;
const endTag = /<\/([^\s<>/]+)\s*>/y;

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Character data with its references resolved; one that is not known stays as it is written. */
function decoded(text: string, complain: (message: string, at: number) => void): string {
  if (text.includes("]]>")) complain("]]> must not stand in text", text.indexOf("]]>"));
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([A-Za-z][\w.-]*));?|&/g,
    (whole, decimal, hex, name, at: number) => {
      const code =
        decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex as string, 16) : undefined;
      const value =
        code !== undefined
          ? code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
            ? String.fromCodePoint(code)
            : undefined
          : Object.hasOwn(entities, String(name))
            ? entities[String(name)]
            : undefined;
      if (value !== undefined && whole.endsWith(";")) return value;
      complain(`${whole} is no reference that XML knows; & must be written &amp;`, at);
      return whole;
    },
  );
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
