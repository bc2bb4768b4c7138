// The page with all jobs: work of the server that takes longer than a call.
import { useEffect } from "react";
import { navigate } from "../../base/router.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { PagedList } from "../../ui/PagedList.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { JOB_ICON, JobRow } from "./JobRow.tsx";
import { useJobs } from "./use-jobs.ts";
import "../../styles/jobs.css";

export function JobsPage() {
  useEffect(() => {
    document.title = "Jobs · Gridloom";
  }, []);
  return (
    <div className="list-page">
      <header className="bar">
        <IconButton
          icon="arrowLeft"
          label="All sheets"
          data-testid="back"
          onClick={() => navigate("/")}
        />
        <Logo />
        <span className="space" />
        <ThemeToggle />
        <AccountMenu />
      </header>
      <main className="list-main" data-testid="jobs-page">
        <div className="list-column">
          <div className="list-head">
            <h1>Jobs</h1>
          </div>
          <JobList />
        </div>
      </main>
    </div>
  );
}

function JobList() {
  const list = useJobs();
  return (
    <PagedList
      list={list}
      items={list.jobs}
      className="sheet-list job-list"
      row={(job) => (
        <JobRow
          key={job.id}
          job={job}
          isBusy={list.isBusy(job)}
          onCancel={() => list.cancel(job)}
          onRetry={() => list.retry(job)}
        />
      )}
      placeholder={<span className="spinner" role="status" aria-label="Loading" />}
      empty={<NoJobs />}
      failed="Couldn't load your jobs"
      more="Show older jobs"
    />
  );
}

function NoJobs() {
  return (
    <section className="empty" data-testid="empty">
      <span className="sheet-tile">
        <Icon name={JOB_ICON} size={26} />
      </span>
      <h2>No jobs</h2>
      <p>
        Work that takes a while appears here and continues when you close the page. A job that is
        done is listed for a day, any other one for 30 days.
      </p>
    </section>
  );
}
