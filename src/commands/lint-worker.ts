import { parentPort, workerData } from "node:worker_threads";
import { installedVendors } from "../registry.js";
import type { JobPolicy, LintJob } from "./lint-job.js";
import { runJob } from "./lint-job.js";

/** What a thread is told, job after job. */
export interface WorkerOrder {
  readonly number: number;
  readonly job: LintJob;
}

export type WorkerAnswer =
  { readonly number: number; readonly answer: string } | { readonly number: number; readonly failure: Error };

const policies = workerData as readonly JobPolicy[];

parentPort!.on("message", ({ number, job }: WorkerOrder) => {
  runJob(job, policies[job.policy]!, installedVendors()).then(
    (answer) => parentPort!.postMessage({ number, answer } satisfies WorkerAnswer),
    (error: unknown) => {
      const failure = error instanceof Error ? error : new Error(String(error));
      parentPort!.postMessage({ number, failure } satisfies WorkerAnswer);
    },
  );
});
