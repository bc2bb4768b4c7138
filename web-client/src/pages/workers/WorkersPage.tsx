// The page of operators: what runs jobs and queries, and the jobs of all accounts.
//
// Invariant: an account without the right sees what the page is for, and no data.
import { Code } from "@connectrpc/connect";
import { useEffect } from "react";
import { errorText, hasCode } from "../../api/errors.ts";
import { navigate } from "../../base/router.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { ThemeToggle } from "../../ui/theme/ThemeToggle.tsx";
import { AccountMenu } from "../account-menu/AccountMenu.tsx";
import { StatePage } from "../shared/StatePage.tsx";
import { AllJobs } from "./AllJobs.tsx";
import { useWorkers } from "./use-workers.ts";
import { WorkerTable } from "./WorkerTable.tsx";
import "../../styles/jobs.css";

export default function WorkersPage() {
  const { data, error, refetch } = useWorkers();
  useEffect(() => {
    document.title = "Workers · Gridloom";
  }, []);
  if (error !== null && hasCode(error, Code.PermissionDenied)) return <NotOperator />;
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
      <main className="list-main" data-testid="workers-page">
        <div className="list-column">
          <div className="list-head">
            <h1>Workers</h1>
          </div>
          {error === null ? null : (
            <div className="list-problem" role="alert" data-testid="workers-problem">
              <p>{errorText(error)}</p>
              <Button onClick={() => void refetch()}>Try again</Button>
            </div>
          )}
          {data === undefined ? (
            error === null && <span className="spinner" role="status" aria-label="Loading" />
          ) : (
            <>
              <WorkerTable workers={data.workers} engine={data.engine} />
              <AllJobs />
            </>
          )}
        </div>
      </main>
    </div>
  );
}

function NotOperator() {
  return (
    <StatePage
      title="For operators"
      text="This page shows the work of the whole server. Your account has not the right of an operator: ask the person who runs this server."
      testId="not-operator"
      actions={
        <Button look="primary" onClick={() => navigate("/jobs")}>
          Your own jobs
        </Button>
      }
    />
  );
}
