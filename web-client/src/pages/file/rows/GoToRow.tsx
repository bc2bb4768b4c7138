// The field below a table that leads to a row.
import { type RefObject, useState } from "react";
import { rowOf } from "./row-number.ts";

interface GoToRowProps {
  rows: number;
  /** The rows are those of a view: their numbers at the left are those of the table, and the field counts from the first one. */
  isView: boolean;
  field: RefObject<HTMLInputElement | null>;
  onGo: (row: number) => void;
}

export function GoToRow({ rows, isView, field, onGo }: GoToRowProps) {
  const [text, setText] = useState("");
  const row = rowOf(text, rows);
  const isWrong = text.trim() !== "" && row === undefined;
  return (
    <form
      className="table-go"
      onSubmit={(event) => {
        event.preventDefault();
        if (row !== undefined) onGo(row);
      }}
    >
      <label htmlFor="go-to-row">{isView ? "Go to result" : "Go to row"}</label>
      <input
        ref={field}
        id="go-to-row"
        inputMode="numeric"
        autoComplete="off"
        maxLength={14}
        value={text}
        disabled={rows === 0}
        aria-invalid={isWrong}
        title={`A number from 1 to ${rows.toLocaleString()}`}
        data-testid="table-go-to-row"
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.target.value)}
      />
      <span className="visually-hidden" role="status">
        {isWrong ? `Enter a number from 1 to ${rows.toLocaleString()}.` : ""}
      </span>
    </form>
  );
}
