import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Source } from "../diagnostics/index.js";
import type { Registry } from "../registry.js";
import { codeRoot, installedVendors } from "../registry.js";
import type { JobPolicy, LintJob } from "./lint-job.js";
import { runJob } from "./lint-job.js";
import type { WorkerAnswer, WorkerOrder } from "./lint-worker.js";

/** A job with what it weighs and what its files are here. */
export interface PooledJob {
  readonly job: LintJob;
  readonly sources: readonly Source[];
  readonly bytes: number;
}

export interface PoolOptions {
  readonly policies: readonly JobPolicy[];
  readonly registry: Registry;
  /** The most threads; undefined for as many as the machine runs at once. */
  readonly most?: number | undefined;
  /** Called once for each job, in the order in which they get done: with the answer, or with what broke. */
  done(index: number, answer: string | Error): void;
}

/** Starting a thread takes as long as looking at about this much text. */
const bytesWorthAThread = 512 << 10;

/** Does all jobs, in threads where there is enough to do; the largest first, so that none is left alone at the end. */
export async function runJobs(jobs: readonly PooledJob[], options: PoolOptions): Promise<void> {
  const order = jobs.map((_, index) => index).sort((a, b) => jobs[b]!.bytes - jobs[a]!.bytes);
  const bytes = jobs.reduce((sum, one) => sum + one.bytes, 0);
  const threads = Math.min(options.most ?? availableParallelism(), jobs.length, Math.floor(bytes / bytesWorthAThread));
  // Only the vendors of this package are found by another thread.
  if (threads < 2 || options.registry !== installedVendors()) {
    for (const index of order) {
      const { job, sources } = jobs[index]!;
      options.done(index, await runJob(job, options.policies[job.policy]!, options.registry, sources).catch(asError));
    }
    return;
  }
  await Promise.all(Array.from({ length: threads }, () => workThrough(order, jobs, options)));
}

/** One thread, as long as there are jobs left. `order` is what is left for all of them. */
function workThrough(order: number[], jobs: readonly PooledJob[], { policies, done }: PoolOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(policies);
    const finish = (error?: Error): void => {
      void worker.terminate();
      if (error === undefined) resolve();
      else {
        order.length = 0;
        reject(error);
      }
    };
    const next = (): void => {
      const number = order.shift();
      if (number === undefined) finish();
      else worker.postMessage({ number, job: jobs[number]!.job } satisfies WorkerOrder);
    };
    worker.on("error", finish);
    worker.on("message", (message: WorkerAnswer) => {
      done(message.number, "failure" in message ? message.failure : message.answer);
      next();
    });
    next();
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Of the build; else of the source, for which each thread has to learn to read TypeScript. */
function startWorker(policies: readonly JobPolicy[]): Worker {
  const built = new URL("src/commands/lint-worker.js", codeRoot());
  if (existsSync(built)) return new Worker(built, { workerData: policies });
  const source = new URL("src/commands/lint-worker.ts", codeRoot());
  const code = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then(({ register }) => { register(); return import(${JSON.stringify(source.href)}); })`;
  return new Worker(code, { eval: true, workerData: policies });
}
