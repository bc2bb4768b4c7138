// Where a job leads to: what it is about, and what it has made, as long as that is there.
import { Code } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { hasCode } from "../../api/errors.ts";
import { filePath } from "../../base/file-path.ts";
import { sheetPath } from "../../base/router.ts";
import { FileService } from "../../gen/gridloom/v1/files_pb.ts";
import type { Job } from "../../gen/gridloom/v1/jobs_pb.ts";
import { Link } from "../../ui/Link.tsx";

/** How long an answer about a made file counts. */
const FRESH_MILLIS = 60_000;

export function Targets({ job }: { job: Job }) {
  const { fileId, sheetId, isForDownload } = job;
  // The program that downloads the file deletes it then.
  const madeFileId = isForDownload ? "" : job.madeFileId;
  return (
    <>
      <Target to={fileId && filePath(fileId)} testId="job-file" label="Open the file" />
      <Target to={sheetId && sheetPath(sheetId)} testId="job-sheet" label="Open the sheet" />
      {madeFileId === "" ? null : <MadeFile id={madeFileId} />}
    </>
  );
}

interface TargetProps {
  /** Empty: there is none. */
  to: string;
  testId: string;
  label: string;
}

/** A link to what the job is about, or has made. */
function Target({ to, testId, label }: TargetProps) {
  if (to === "") return null;
  return (
    <>
      {" · "}
      <Link className="link" to={to} data-testid={testId}>
        {label}
      </Link>
    </>
  );
}

/** A link to the new file. It is one until the server shows that the file is gone. */
function MadeFile({ id }: { id: string }) {
  const { data, error } = useQuery(
    FileService.method.getFile,
    { fileId: id },
    { staleTime: FRESH_MILLIS },
  );
  if (error !== null && hasCode(error, Code.NotFound)) return <Gone what="deleted" />;
  if ((data?.file?.removedAtMicros ?? 0n) > 0n) return <Gone what="removed" />;
  return <Target to={filePath(id)} testId="job-made-file" label="Open the new file" />;
}

function Gone({ what }: { what: "deleted" | "removed" }) {
  return <span data-testid="job-made-gone"> · The new file is {what}</span>;
}
