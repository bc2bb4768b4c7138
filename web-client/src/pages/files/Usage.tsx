// What the files of the person occupy, and the most that they may.
import { useQuery } from "@connectrpc/connect-query";
import { sizeText } from "../../base/size-text.ts";
import { count } from "../../base/text.ts";
import { FileService, type GetFileUsageResponse } from "../../gen/gridloom/v1/files_pb.ts";

/** The share of the most files above which their number is shown. */
const MANY = 0.8;

/** What is beside the bar, as sentences. */
function notesOf(usage: GetFileUsageResponse): string[] {
  const { removedBytes, leavingBytes, files, mostFiles } = usage;
  return [
    ...(removedBytes > 0n ? [`${sizeText(removedBytes)} of it in removed files`] : []),
    ...(leavingBytes > 0n ? [`${sizeText(leavingBytes)} of it freed within two hours`] : []),
    ...(files > mostFiles * MANY ? [`${count(files)} of ${count(mostFiles)} files`] : []),
  ];
}

/** Nothing until it is known: the list has the message of an error. */
export function Usage() {
  const { data } = useQuery(FileService.method.getFileUsage);
  if (data === undefined) return <div className="file-usage" aria-hidden="true" />;
  const { usedBytes, mostBytes } = data;
  return (
    <section className="file-usage" aria-label="Storage" data-testid="file-usage">
      <progress
        className="progress"
        aria-label="Used storage"
        value={Number(usedBytes)}
        max={Math.max(1, Number(mostBytes))}
      />
      <p className="progress-facts">
        <span data-testid="used">{`${sizeText(usedBytes)} of ${sizeText(mostBytes)} used`}</span>
        <span>{notesOf(data).join(" · ")}</span>
      </p>
    </section>
  );
}
