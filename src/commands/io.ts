/**
 * The world as commands see it. Everything that a command reads beyond files and writes beyond files goes through here,
 * so that tests run commands in their own process.
 */
export interface Io {
  /** Relative paths start here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data: what a pipe wants. */
  readonly stdout: Output;
  /** Everything said to a person. */
  readonly stderr: Output;
  now(): Date;
  /** All of standard input; absent on a terminal, where nothing is piped in. */
  stdin?(): Promise<Buffer>;
  /** What goes on, for work that takes long; shown on a terminal only and gone afterwards. */
  progress(words: string): void;
}

export interface Output {
  readonly colour: boolean;
  /** How many characters fit on a line. */
  readonly columns: number;
  write(text: string): void;
}

/**
 * What a process says at its end: `done`; `findings`, also drift and differences; `usage`, also unusable input;
 * `internal`, also a proof that failed.
 */
export const exitCodes = { done: 0, findings: 1, usage: 2, internal: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
