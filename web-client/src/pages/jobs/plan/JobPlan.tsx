// The steps of a job, and what each has cost: loaded once a person opens them, and again while the job runs.
import { useQuery } from "@connectrpc/connect-query";
import { useState } from "react";
import { type Job, JobService, type JobStep } from "../../../gen/gridloom/v1/jobs_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { isUnderWay, jobProblem } from "../job-text.ts";
import { STEP_HEADS, stepCells } from "./step-text.ts";

/** How often the steps of a job that runs are read. */
const POLL_MILLIS = 2_000;

/** No part for a job that no worker has begun. */
export function JobPlan({ job }: { job: Job }) {
  const [isOpen, setOpen] = useState(false);
  if (job.startedAtMicros === 0n) return null;
  return (
    <details
      className="job-plan"
      data-testid="job-plan"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        Steps<span className="visually-hidden"> of {job.title}</span>
      </summary>
      {isOpen ? <Loaded job={job} /> : null}
    </details>
  );
}

function Loaded({ job }: { job: Job }) {
  const { data, error, refetch } = useQuery(
    JobService.method.getJobPlan,
    { jobId: job.id },
    { gcTime: 0, refetchInterval: isUnderWay(job) ? POLL_MILLIS : false },
  );
  if (data === undefined && error !== null)
    return (
      <p className="job-failure" role="alert">
        {jobProblem(error)} <Button onClick={() => void refetch()}>Try again</Button>
      </p>
    );
  if (data === undefined) return <span className="spinner" role="status" aria-label="Loading" />;
  if (data.steps.length === 0) return <p>This job has no steps that are measured.</p>;
  return <Steps title={job.title} steps={data.steps} />;
}

function Steps({ title, steps }: { title: string; steps: readonly JobStep[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="job-steps" aria-label={`Steps of ${title}`} tabIndex={0}>
      <table data-testid="job-steps">
        <thead>
          <tr>
            <th scope="col">Step</th>
            {STEP_HEADS.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {steps.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a job may have a step of one name twice
            <tr key={at}>
              <th scope="row">{step.name}</th>
              {stepCells(step).map((cell, column) => (
                <td key={STEP_HEADS[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
