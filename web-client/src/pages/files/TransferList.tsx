// The uploads of this tab: the progress of each, what has failed and why, and what the person can do.

import { percentText, progressText } from "../../base/size-text.ts";
import { useStore } from "../../base/store.ts";
import { plural } from "../../base/text.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { looksLikeTable } from "./tables/file-tables.ts";
import { TableState } from "./tables/TableState.tsx";
import { countsOf, headOf, mostUrgent } from "./transfer-text.ts";
import { transfers } from "./transfers/own-transfers.ts";
import type { Transfer } from "./transfers/transfer.ts";

/** Transfers that are shown; the others follow as these end. */
const SHOWN = 20;

export function TransferList() {
  const all = useStore(transfers.shown);
  if (all.length === 0) return null;
  const shown = mostUrgent(all, SHOWN);
  const { done } = countsOf(all);
  return (
    <section className="transfers" aria-label="Uploads" data-testid="transfers">
      <div className="transfers-head">
        <h2 aria-live="polite" data-testid="transfers-head">
          {headOf(all)}
        </h2>
        {done === 0 ? null : (
          <Button look="quiet" data-testid="clear-done" onClick={() => transfers.clearDone()}>
            Clear completed
          </Button>
        )}
      </div>
      <ul className="transfer-list">
        {shown.map((transfer) => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </ul>
      {all.length > shown.length ? (
        <p className="transfer-facts">{`and ${plural(all.length - shown.length, "other file")}`}</p>
      ) : null}
    </section>
  );
}

function Row({ transfer }: { transfer: Transfer }) {
  const { id, name, uploadId, state } = transfer;
  const hasTable = state.what === "done" && uploadId !== "";
  const isFailed = state.what === "failed";
  return (
    <li className="transfer" data-testid="transfer" data-state={state.what} data-name={name}>
      <Icon name="upload" />
      <div className="transfer-body">
        <span className="transfer-name" title={name}>
          {name}
        </span>
        <Progress transfer={transfer} />
      </div>
      {hasTable && looksLikeTable(name) ? <TableState fileId={uploadId} name={name} /> : null}
      {isFailed ? (
        <Button
          aria-label={`Try again: ${name}`}
          data-testid="transfer-retry"
          onClick={() => transfers.retry(id)}
        >
          Try again
        </Button>
      ) : null}
      <IconButton
        icon="x"
        label={state.what === "done" ? `Dismiss ${name}` : `Cancel ${name}`}
        data-testid="transfer-cancel"
        onClick={() => transfers.cancel(id)}
      />
    </li>
  );
}

function Progress({ transfer }: { transfer: Transfer }) {
  const { name, doneBytes, totalBytes, state } = transfer;
  if (state.what === "failed")
    return (
      <p className="transfer-problem" role="alert" data-testid="transfer-problem">
        {state.problem}
      </p>
    );
  const facts = progressText(doneBytes, totalBytes);
  if (state.what === "done")
    return <p className="transfer-facts">{[facts, state.note ?? "Uploaded"].join(" · ")}</p>;
  if (state.what === "queued") return <p className="transfer-facts">{`${facts} · waits`}</p>;
  return (
    <>
      <progress
        className="progress"
        aria-label={`Uploaded: ${name}`}
        value={doneBytes}
        max={Math.max(1, totalBytes)}
      />
      <p className="transfer-facts">
        <span>{state.wait ?? facts}</span>
        <span>{percentText(doneBytes, totalBytes)}</span>
      </p>
    </>
  );
}
