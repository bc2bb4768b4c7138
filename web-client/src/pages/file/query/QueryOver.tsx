// What opens over a table: the menu of a column, the dialog of a condition, and the values of a column. The dialogs load when
// they are first shown.
import type { ReactNode } from "react";
import type { Table } from "../../../gen/gridloom/v1/tables_pb.ts";
import { Dialog } from "../../../ui/Dialog.tsx";
import { Menu } from "../../../ui/Menu.tsx";
import { LazyPart, Part } from "../../../ui/Part.tsx";
import type { Asked } from "./address/use-query.ts";
import { titleOf } from "./chips/chip-text.ts";
import { columnMenu } from "./column-menu.ts";
import { type Condition, withConditions } from "./query.ts";

const FilterDialog = new LazyPart(() => import("./filter/FilterDialog.tsx"));
const SummaryDialog = new LazyPart(() => import("./summary/SummaryDialog.tsx"));

export type Over =
  | { what: "menu"; col: number; at: { x: number; y: number } }
  /** `at`: the position of the condition; absent for a new one. */
  | { what: "filter"; col: number; at?: number | undefined }
  | { what: "values"; col: number };

interface QueryOverProps extends Asked {
  fileId: string;
  table: Table;
  over: Over;
  onOver: (over: Over | undefined) => void;
}

export function QueryOver({ fileId, table, query, ask, over, onOver }: QueryOverProps) {
  const { columns } = table;
  const { what, col } = over;
  const onClose = () => onOver(undefined);
  const title = titleOf(columns, col);
  if (what === "menu") {
    const groups = columnMenu(columns, col, query, {
      ask,
      filter: () => onOver({ what: "filter", col }),
      summarize: () => onOver({ what: "values", col }),
    });
    return <Menu at={over.at} label={`Column ${title}`} groups={groups} onClose={onClose} />;
  }
  const frame = (content: ReactNode) => (
    <Dialog title={`Column “${title}”`} onClose={onClose} testId="query-part">
      {content}
    </Dialog>
  );
  const at = what === "filter" ? over.at : undefined;
  const apply = (added: readonly Condition[]) => {
    // What was typed stays where it is refused.
    if (ask(withConditions(query, added, at))) onClose();
  };
  if (what === "filter") {
    const condition = at === undefined ? undefined : query.conditions[at];
    const given = { columns, col, condition, onApply: apply, onClose };
    return <Part key={what} part={FilterDialog} given={given} frame={frame} />;
  }
  const given = { fileId, table, col, conditions: query.conditions, onFilter: apply, onClose };
  return <Part key={what} part={SummaryDialog} given={given} frame={frame} />;
}
