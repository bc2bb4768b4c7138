// The pages of addresses that the application itself does not know: those of a file and of jobs, and the one for an unknown
// address.
//
// What it is not: a part of the first page. So a page here adds no byte to it.
import { useRoute } from "wouter";
import { FilePage } from "../file/FilePage.tsx";
import { JobsPage } from "../jobs/JobsPage.tsx";
import { UnknownPage } from "../shared/UnknownPage.tsx";

export default function OtherPage() {
  const [isJobs] = useRoute("/jobs");
  const [isFile, file] = useRoute("/file/:id");
  if (isFile) return <FilePage key={file.id} id={file.id} />;
  return isJobs ? <JobsPage /> : <UnknownPage />;
}
