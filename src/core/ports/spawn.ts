export interface Order {
  command: string;
  args: string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Record<string, string>;
  /** Ends the whole process group: SIGTERM, 5 s later SIGKILL. */
  signal: AbortSignal;
}

export interface Child {
  readonly pid: number;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  write(text: string): Promise<void>;
  closeInput(): void;
  /** SIGINT for the whole group, as a terminal sends it: the process may end in its own way. */
  interrupt(): void;
  /** Resolves when the process and its group are gone; rejects only if it could not be started. */
  readonly done: Promise<{ code: number | null; signal: string | null }>;
}

/** The one way a process is started. */
export type Spawn = (order: Order) => Child;
