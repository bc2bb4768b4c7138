// The pages of addresses that the application itself does not know: those of a file, of jobs and of workers, and the one for an
// unknown address.
//
// What it is not: a part of the first page. So a page here adds no byte to it.
import type { ReactNode } from "react";
import { useRoute } from "wouter";
import { LazyPart, Part } from "../../ui/Part.tsx";
import { FilePage } from "../file/FilePage.tsx";
import { JobsPage } from "../jobs/JobsPage.tsx";
import { UnknownPage } from "../shared/UnknownPage.tsx";

/** Few people are operators. */
const WorkersPage = new LazyPart(() => import("../workers/WorkersPage.tsx"));

function loading(content: ReactNode) {
  return <main className="sign">{content}</main>;
}

export default function OtherPage() {
  const [isJobs] = useRoute("/jobs");
  const [isWorkers] = useRoute("/workers");
  const [isFile, file] = useRoute("/file/:id");
  if (isFile) return <FilePage key={file.id} id={file.id} />;
  if (isWorkers) return <Part part={WorkersPage} given={{}} frame={loading} />;
  return isJobs ? <JobsPage /> : <UnknownPage />;
}
