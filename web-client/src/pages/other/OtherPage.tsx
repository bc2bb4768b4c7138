// The pages of addresses that the application itself does not know: that of jobs, and the one for an unknown address.
//
// What it is not: a part of the first page. So a page here adds no byte to it.
import { useRoute } from "wouter";
import { JobsPage } from "../jobs/JobsPage.tsx";
import { UnknownPage } from "../shared/UnknownPage.tsx";

export default function OtherPage() {
  const [isJobs] = useRoute("/jobs");
  return isJobs ? <JobsPage /> : <UnknownPage />;
}
