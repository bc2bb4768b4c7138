// The heads of the columns of files. A click sorts by the column, a second one the other way round.
import { ArrowDown, ArrowUp } from "lucide-react";
import { FileOrder } from "../../gen/gridloom/v1/files_pb.ts";
import { Icon } from "../../ui/Icon.tsx";
import { type Sorting, sortedBy } from "./sorting.ts";

interface FileHeadProps {
  sorting: Sorting;
  isRemoved: boolean;
  onChange: (sorting: Sorting) => void;
}

const COLUMNS = [
  { order: FileOrder.NAME, label: "Name", testId: "sort-name", className: "file-by-name" },
  { order: FileOrder.SIZE, label: "Size", testId: "sort-size", className: "file-by-size" },
  { order: FileOrder.CREATED, label: "Uploaded", testId: "sort-created", className: "file-by-day" },
];

export function FileHead({ sorting, isRemoved, onChange }: FileHeadProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons, and no fields of a form
    <div
      className={isRemoved ? "file-head removed" : "file-head"}
      role="group"
      aria-label="Sort by"
    >
      {COLUMNS.map(({ order, label, testId, className }) => {
        const isChosen = sorting.order === order;
        return (
          <button
            key={label}
            type="button"
            className={`file-sort ${className}`}
            aria-pressed={isChosen}
            data-testid={testId}
            onClick={() => onChange(sortedBy(order, sorting))}
          >
            {label}
            {isChosen ? <Direction descending={sorting.descending} /> : null}
          </button>
        );
      })}
    </div>
  );
}

function Direction({ descending }: { descending: boolean }) {
  return (
    <>
      <span className="visually-hidden">{descending ? ", descending" : ", ascending"}</span>
      <Icon name={descending ? ArrowDown : ArrowUp} size={14} />
    </>
  );
}
