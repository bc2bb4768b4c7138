// The jobs of all accounts, by state and by account.
import { useState } from "react";
import type { OperatedJob } from "../../gen/gridloom/v1/operator_pb.ts";
import { PagedList } from "../../ui/PagedList.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { JobRow } from "../jobs/JobRow.tsx";
import { usePaused } from "../shared/use-paused.ts";
import { aboutOf, SHOWN, type Shown, statesOf } from "./job-filter.ts";
import { useAllJobs } from "./use-workers.ts";

export function AllJobs() {
  const [shown, setShown] = useState<Shown>("all");
  const [email, setEmail] = useState("");
  const typed = usePaused(email.trim());
  const list = useAllJobs(statesOf(shown), typed.value);
  const row = ({ job, email, node }: OperatedJob) =>
    job === undefined ? null : (
      <JobRow
        key={job.id}
        job={job}
        about={aboutOf({ email, node })}
        isBusy={list.isBusy(job.id)}
        onCancel={() => list.cancel(job.id)}
        onRetry={() => list.retry(job.id)}
      />
    );
  return (
    <section aria-labelledby="all-jobs">
      <div className="list-head">
        <h2 id="all-jobs">Jobs of all accounts</h2>
      </div>
      <div className="workers-filter">
        <Select
          label="State"
          options={SHOWN}
          value={shown}
          testId="all-jobs-state"
          onChange={setShown}
        />
        <TextField
          label="E-mail address of the account"
          type="email"
          value={email}
          placeholder="All accounts"
          autoComplete="off"
          testId="all-jobs-email"
          onChange={setEmail}
        />
      </div>
      <PagedList
        list={list}
        items={list.jobs}
        className="sheet-list job-list"
        row={row}
        placeholder={<span className="spinner" role="status" aria-label="Loading" />}
        empty={<NoJobs />}
        failed="Couldn't load the jobs"
        more="Show older jobs"
      />
    </section>
  );
}

function NoJobs() {
  return (
    <section className="empty" data-testid="no-jobs">
      <h3>No jobs</h3>
      <p>No account has a job of this kind now.</p>
    </section>
  );
}
