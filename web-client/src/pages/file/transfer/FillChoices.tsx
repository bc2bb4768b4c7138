// The choices of where the rows of a table go: a new sheet, the end of one, or its rows by a key.
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { errorText } from "../../../api/errors.ts";
import { type Sheet, SheetService } from "../../../gen/gridloom/v1/sheets_pb.ts";
import type { TableColumn } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Button } from "../../../ui/Button.tsx";
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { keyColumns, type Target, takesRows, type Way } from "./target.ts";

interface FillChoicesProps {
  target: Target;
  columns: readonly TableColumn[];
  disabled: boolean;
  /** What is still to be chosen. */
  problem: string | undefined;
  onChange: (target: Target) => void;
}

const WAYS: readonly { value: Way; label: string; about: string }[] = [
  { value: "new", label: "A new sheet", about: "With the columns of this table" },
  {
    value: "append",
    label: "The end of a sheet",
    about: "Columns of the same name match; others are added",
  },
  {
    value: "merge",
    label: "The rows of a sheet",
    about: "Rows with the same key are changed, others are added",
  },
];

export function FillChoices(props: FillChoicesProps) {
  const { target, columns, disabled, problem, onChange } = props;
  const { way, name, key } = target;
  const keys = keyColumns(columns);
  const nameProblem = way === "new" ? problem : undefined;
  return (
    <>
      <Select
        label="Where the rows go"
        options={WAYS}
        value={way}
        disabled={disabled}
        testId="fill-way"
        onChange={(way) => onChange({ ...target, way })}
      />
      {way === "new" ? (
        <TextField
          label="Name of the sheet"
          value={name}
          disabled={disabled}
          error={nameProblem}
          testId="fill-name"
          first
          onChange={(name) => onChange({ ...target, name })}
        />
      ) : (
        <SheetChoice
          {...{ target, disabled, onChange }}
          error={target.sheetId === undefined ? problem : undefined}
        />
      )}
      {way === "merge" ? (
        <Select
          label="Key"
          options={[{ value: "", label: "Choose a column" }, ...keys]}
          value={key === undefined ? "" : String(key)}
          disabled={disabled}
          error={target.sheetId === undefined ? undefined : problem}
          hint="The column of this name in both. An empty value changes nothing."
          testId="fill-key"
          onChange={(at) => onChange({ ...target, key: at === "" ? undefined : Number(at) })}
        />
      ) : null}
    </>
  );
}

const PAGE_SIZE = 200;

interface SheetChoiceProps {
  target: Target;
  disabled: boolean;
  error: string | undefined;
  onChange: (target: Target) => void;
}

/** The sheets that the person edits, the first ones first; further ones on request. */
function SheetChoice({ target, disabled, error, onChange }: SheetChoiceProps) {
  const list = useInfiniteQuery(
    SheetService.method.listSheets,
    { pageSize: PAGE_SIZE, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: ({ nextPageToken }) => nextPageToken || undefined,
    },
  );
  const sheets = list.data?.pages.flatMap(({ sheets }) => sheets).filter(takesRows) ?? [];
  const failure = list.error === null ? undefined : errorText(list.error);
  return (
    <>
      <Select
        label="Sheet"
        options={[{ value: "", label: firstLabel(list, sheets) }, ...sheets.map(option)]}
        value={target.sheetId ?? ""}
        disabled={disabled || list.isPending}
        error={failure ?? error}
        testId="fill-sheet"
        onChange={(id) => onChange({ ...target, sheetId: id === "" ? undefined : id })}
      />
      {failure === undefined ? null : (
        <Button
          disabled={list.isFetching}
          data-testid="fill-sheets-again"
          onClick={() => void list.refetch()}
        >
          Try again
        </Button>
      )}
      {list.hasNextPage ? (
        <Button
          disabled={list.isFetchingNextPage}
          data-testid="fill-more-sheets"
          onClick={() => void list.fetchNextPage()}
        >
          List more sheets
        </Button>
      ) : null}
    </>
  );
}

interface Listed {
  isPending: boolean;
  isSuccess: boolean;
  hasNextPage: boolean;
}

function firstLabel({ isPending, isSuccess, hasNextPage }: Listed, sheets: readonly Sheet[]) {
  if (isPending) return "Loading…";
  // Further sheets, or those of a list that did not load, may be ones that the person edits.
  const isNone = sheets.length === 0 && isSuccess && !hasNextPage;
  return isNone ? "You edit no sheet" : "Choose a sheet";
}

function option({ id, name, ownerName }: Sheet) {
  return { value: id, label: name, ...(ownerName === "" ? {} : { about: ownerName }) };
}
