import type { Style } from "./style.js";
import { plain } from "./style.js";
import { displayWidth, visibleLine } from "./visible.js";

export interface Column {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly right?: boolean;
}

/** A table with a header, columns two spaces apart, no line longer than it has to be. "" where there is no row. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style = plain,
): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) => row.map(visibleLine));
  const widths = columns.map(({ title }, i) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[i]!)), title.length),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const space = " ".repeat(widths[i]! - displayWidth(cell));
        return columns[i]!.right === true ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return [style.bold(line(columns.map(({ title }) => title))), ...cells.map(line)].map((text) => `${text}\n`).join("");
}
