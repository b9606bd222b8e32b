import type { Comment, FoundComment, Source, Statement } from "../../src/vendor-kit/index.js";
import { aboutStatements, span, speaksToLinter } from "../../src/vendor-kit/index.js";
import type { AccessList, Block, Config, Entry } from "./config.js";
import type { Command } from "./lexer.js";
import { spanOf } from "./lexer.js";

/**
 * What a text says to the linter: remarks, about the next entry of their list; descriptions of objects and groups; lines
 * that begin with `!`.
 */
export function commentsOf(source: Source, config: Config): Comment[] {
  if (!speaksToLinter(source.text)) return [];
  const blocks = [...config.objects.values(), ...config.timeRanges.values()].filter(
    (one) => one.command.source === source,
  );
  return [
    ...[...config.lists.values()].flatMap((list) => remarks(list, source)),
    ...blocks.flatMap((block) => descriptions(block)),
    ...aboutStatements(source, lineComments(source), statementsOf(source, config, blocks)),
  ].sort((a, b) => a.span.start - b.span.start);
}

function remarks(list: AccessList, source: Source): Comment[] {
  const comments: Comment[] = [];
  const entries: readonly Entry[] = [...list.entries, ...list.shown];
  let next: Command | undefined;
  for (const { command, body } of [...entries].reverse()) {
    if (command.words[body] !== "remark") {
      next = command;
    } else if (command.source === source && /ringwall/i.test(command.text)) {
      const text = /\bremark\s+(.*)$/.exec(command.text)?.[1] ?? "";
      comments.push({ text, span: spanOf(command), about: spanOf(next ?? command) });
    }
  }
  return comments;
}

function descriptions(block: Block): Comment[] {
  return block.lines.flatMap((line): Comment[] => {
    const text = /^description\s+(.*ringwall.*)$/i.exec(line.text)?.[1];
    if (text === undefined) return [];
    const { start, end } = extentOf(block);
    return [{ text, span: spanOf(line), about: span(line.source, start, end) }];
  });
}

function lineComments(source: Source): FoundComment[] {
  return [...source.text.matchAll(/(?<=^[ \t]*|[ \t])[!#][^\r\n]*/gm)].flatMap(({ 0: found, index }) => {
    const text = found.replace(/^[!#\s]+/, "").trimEnd();
    return /ringwall/i.test(text) && !isFreeText(source.text, index)
      ? [{ text, start: index, end: index + found.trimEnd().length }]
      : [];
  });
}

/** In a remark or a description the sign means nothing. */
function isFreeText(text: string, at: number): boolean {
  const line = text.slice(Math.max(text.lastIndexOf("\n", at), text.lastIndexOf("\r", at)) + 1, at);
  return /^\s*(?:description|banner|access-list \S+ (?:line \d+ )?remark)\b/.test(line);
}

function statementsOf(source: Source, config: Config, blocks: readonly Block[]): Statement[] {
  const commands = [
    ...[...config.lists.values()].flatMap((list) =>
      [...list.entries, ...list.shown].flatMap(({ command, body }) =>
        command.words[body] === "remark" ? [] : [command],
      ),
    ),
    ...config.bindings.map((binding) => binding.command),
    ...config.interfaces.map((one) => one.command),
    ...config.translations.filter((one) => one.object === undefined).map((one) => one.command),
  ];
  const single = commands.filter((command) => command.source === source).map((command) => spanOf(command));
  return [...single, ...blocks.map((block) => extentOf(block))];
}

/** From a block's first line to the last that stands behind it without a gap. */
function extentOf({ command, lines }: Block): { readonly start: number; readonly end: number } {
  let end = command.start + command.text.length;
  for (const line of lines) {
    if (line.source !== command.source || line.start < end) continue;
    if (command.source.text.slice(end, line.start).trim() !== "") break;
    end = line.start + line.text.length;
  }
  return { start: command.start, end };
}
