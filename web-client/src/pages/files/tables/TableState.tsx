// The state of an uploaded file that may have tables, and the link to its rows.
import { filePath } from "../../../base/file-path.ts";
import { Link } from "../../../ui/Link.tsx";
import { fileTables, stateOf } from "./file-tables.ts";
import { useTables } from "./use-file-tables.ts";

export function TableState({ fileId, name }: { fileId: string; name: string }) {
  const { data } = useTables(fileId);
  return (
    <>
      <span className="transfer-facts" data-testid="table-state">
        {data === undefined ? "" : stateOf(fileTables(data, undefined))}
      </span>
      <Link
        className="button plain"
        to={filePath(fileId)}
        aria-label={`Open ${name}`}
        data-testid="file-open"
      >
        Open
      </Link>
    </>
  );
}
