// The choice of the other file of a join, and of its table.
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { useEffect } from "react";
import { filePath } from "../../../../base/file-path.ts";
import {
  type File,
  FileOrder,
  FileScope,
  FileService,
} from "../../../../gen/gridloom/v1/files_pb.ts";
import type { Table } from "../../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../../ui/Button.tsx";
import { Link } from "../../../../ui/Link.tsx";
import { Select } from "../../../../ui/Select.tsx";
import { fileProblem } from "../../../files/problems/file-problem.ts";
import { useTables } from "../../../files/tables/use-file-tables.ts";

interface FileChoiceProps {
  fileId: string | undefined;
  disabled: boolean;
  /** What is still to be chosen. */
  problem: string | undefined;
  onChange: (fileId: string | undefined, name: string) => void;
}

const PAGE_SIZE = 200;

/** The files of the person and those that are shared with it, the newest first; further ones on request. */
export function FileChoice({ fileId, disabled, problem, onChange }: FileChoiceProps) {
  const list = useInfiniteQuery(
    FileService.method.listFiles,
    {
      pageSize: PAGE_SIZE,
      pageToken: "",
      order: FileOrder.CREATED,
      descending: true,
      scope: FileScope.ALL,
    },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
    },
  );
  const files = list.data?.pages.flatMap(({ files }) => files) ?? [];
  const failure = list.error === null ? undefined : fileProblem(list.error);
  const first = list.isPending ? "Loading…" : "Choose a file";
  return (
    <>
      <Select
        label="Other file"
        options={[{ value: "", label: first }, ...files.map(option)]}
        value={fileId ?? ""}
        disabled={disabled || list.isPending}
        error={failure ?? problem}
        testId="join-file"
        onChange={(id) => {
          const name = files.find((file) => file.id === id)?.name ?? "";
          onChange(id === "" ? undefined : id, name);
        }}
      />
      {failure === undefined ? null : (
        <Button disabled={list.isFetching} onClick={() => void list.refetch()}>
          Try again
        </Button>
      )}
      {list.hasNextPage ? (
        <Button
          disabled={list.isFetchingNextPage}
          data-testid="join-more-files"
          onClick={() => void list.fetchNextPage()}
        >
          List more files
        </Button>
      ) : null}
    </>
  );
}

function option({ id, name, ownerName }: File) {
  return { value: id, label: name, ...(ownerName === "" ? {} : { about: ownerName }) };
}

interface TableChoiceProps {
  fileId: string;
  table: Table | undefined;
  disabled: boolean;
  onChange: (table: Table) => void;
}

/** The table of the file: the first one, unless another one is chosen. */
export function TableChoice({ fileId, table, disabled, onChange }: TableChoiceProps) {
  const { data, error, isPending } = useTables(fileId);
  const tables = data?.tables ?? [];
  const [first] = tables;
  useEffect(() => {
    if (table === undefined && first !== undefined) onChange(first);
  }, [table, first, onChange]);
  if (isPending) return <span className="spinner" role="status" aria-label="Loading" />;
  if (first === undefined)
    return (
      <p className="note error" role="alert" data-testid="join-unread">
        {error === null ? "This file is not read yet. " : `${fileProblem(error)} `}
        <Link className="link" to={filePath(fileId)}>
          Open it
        </Link>
      </p>
    );
  if (tables.length < 2) return null;
  return (
    <Select
      label="Table"
      options={tables.map(({ number, name }) => ({ value: String(number), label: name }))}
      value={String(table?.number ?? first.number)}
      disabled={disabled}
      testId="join-table"
      onChange={(number) => {
        const chosen = tables.find((one) => String(one.number) === number);
        if (chosen !== undefined) onChange(chosen);
      }}
    />
  );
}
