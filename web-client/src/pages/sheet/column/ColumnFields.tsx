// The fields of a column's kind and settings: those that the chosen kind uses.
import { useMemo } from "react";
import { type Column, ColumnKind } from "../../../gen/gridloom/v1/values_pb.ts";
import { KINDS } from "../../../grid/draw/columns.ts";
import type { Hold } from "../../../live/engine/hold.ts";
import type { LiveSheet } from "../../../live/live-sheet.ts";
import { Select } from "../../../ui/Select.tsx";
import { languages } from "../../account/languages.ts";
import { CheckField } from "./CheckField.tsx";
import { heldCells } from "./column-cells.ts";
import { type Draft, hasLocale, isList, type Problem } from "./draft.ts";
import { NumberFields } from "./NumberFields.tsx";
import { exampleOf } from "./number-example.ts";
import { OptionsEditor } from "./OptionsEditor.tsx";
import { foundTexts, lossText, lostOptions } from "./options.ts";

interface ColumnFieldsProps {
  sheet: LiveSheet;
  hold: Hold;
  /** The column when the dialog was opened. */
  column: Column | undefined;
  draft: Draft;
  problem: Problem | undefined;
  onChange: (change: Partial<Draft>) => void;
}

type FieldProps = Pick<ColumnFieldsProps, "draft" | "onChange">;

export function ColumnFields(props: ColumnFieldsProps) {
  const { sheet, hold, column, draft, problem, onChange } = props;
  // The dialog does not follow the cells.
  const cells = useMemo(() => heldCells(sheet, hold), [sheet, hold]);
  const found = useMemo(
    () => [...heldCells(sheet, hold, draft.kind).texts.keys()],
    [sheet, hold, draft.kind],
  );
  const kinds = KINDS.filter(({ kind }) => kind === column?.kind || sheet.knowsKind(kind));
  return (
    <>
      <Select
        label="Kind"
        options={kinds.map(({ kind, label }) => ({ value: String(kind), label }))}
        value={String(draft.kind)}
        onChange={(kind) => onChange({ kind: Number(kind) })}
        testId="column-kind"
      />
      {isList(draft.kind) ? <Options {...{ column, draft, onChange, cells, found }} /> : null}
      {draft.kind === ColumnKind.NUMBER ? (
        <NumberFields
          {...{ draft, problem, onChange }}
          example={exampleOf(draft, cells.numbers[0])}
        />
      ) : null}
      {hasLocale(draft.kind) ? <LocaleField {...{ draft, onChange }} /> : null}
      {draft.kind === ColumnKind.ANY ? null : <RefuseField {...{ draft, onChange }} />}
    </>
  );
}

interface OptionsProps extends FieldProps {
  column: Column | undefined;
  cells: ReturnType<typeof heldCells>;
  /** The texts of the cells that could be options of the chosen kind. */
  found: readonly string[];
}

function Options({ column, draft, onChange, cells, found }: OptionsProps) {
  const before = column?.settings?.options ?? [];
  const loss = lossText(lostOptions(before, draft.options, cells.texts));
  return (
    <>
      <OptionsEditor
        entries={draft.options}
        found={foundTexts(draft.options, found)}
        onChange={(options) => onChange({ options })}
      />
      <p className="column-loss" role="status" data-testid="options-loss">
        {loss ?? ""}
      </p>
    </>
  );
}

const OWN_LANGUAGE = "What a person types is read by the language of their account.";
const ONE_LANGUAGE = "What anyone types is read by this language, and all see the column in it.";

function LocaleField({ draft, onChange }: FieldProps) {
  const known = useMemo(languages, []);
  const present = known.some(({ tag }) => tag === draft.locale) || draft.locale === "";
  const others = present ? [] : [{ value: draft.locale, label: draft.locale }];
  return (
    <Select
      label="Written as in"
      options={[
        { value: "", label: "The language of each person" },
        ...others,
        ...known.map(({ tag, name, number, day }) => ({
          value: tag,
          label: name,
          about: `${number} · ${day}`,
        })),
      ]}
      value={draft.locale}
      onChange={(locale) => onChange({ locale })}
      hint={draft.locale === "" ? OWN_LANGUAGE : ONE_LANGUAGE}
      testId="column-locale"
    />
  );
}

function RefuseField({ draft, onChange }: FieldProps) {
  return (
    <>
      <CheckField
        label="Refuse values that do not fit"
        checked={draft.refuse}
        onChange={(refuse) => onChange({ refuse })}
        testId="column-refuse"
      />
      <p className="note">
        {draft.refuse
          ? "Values that are there already stay; those that do not fit are marked."
          : "A value that does not fit is kept and marked."}
      </p>
    </>
  );
}
