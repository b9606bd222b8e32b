import picocolors from "picocolors";

/** Words of emphasis for a terminal. Without colour each gives its text back unchanged. */
export interface Style {
  bold(text: string): string;
  faint(text: string): string;
  error(text: string): string;
  warning(text: string): string;
  note(text: string): string;
  good(text: string): string;
}

export function style(colour: boolean): Style {
  const colours = picocolors.createColors(colour);
  return {
    bold: colours.bold,
    faint: colours.dim,
    error: (text) => colours.bold(colours.red(text)),
    warning: (text) => colours.bold(colours.yellow(text)),
    note: (text) => colours.bold(colours.cyan(text)),
    good: colours.green,
  };
}

export const plain: Style = style(false);
