/** A job elsewhere, played: what it remembers goes round in the execution's own state. */

interface Job {
  readonly jobId: string;
  readonly state: "running" | "done" | "failed";
  /** How often its status was asked for. */
  readonly asked: number;
  /** It is over when asked this often. */
  readonly rounds: number;
  readonly breaks: boolean;
  readonly reason?: string;
}

/** By the resource that the definition names. */
export const handlers = {
  "job-start": ({ report, rounds, breaks }: { report: string; rounds: number; breaks: boolean }): Job => {
    return { jobId: `job-${report}`, state: "running", asked: 0, rounds, breaks };
  },

  "job-status": (job: Job): Job => {
    const asked = job.asked + 1;
    if (asked < job.rounds) return { ...job, asked };
    return job.breaks
      ? { ...job, asked, state: "failed", reason: `Job "${job.jobId}" ran out of paper` }
      : { ...job, asked, state: "done" };
  },

  "job-result": ({ jobId, asked }: Job) => ({ result: { jobId, pages: 12, asked } }),
};
