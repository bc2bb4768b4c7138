// The table of what runs jobs and queries.
import type { Worker } from "../../gen/gridloom/v1/operator_pb.ts";
import { engineText, WORKER_HEADS, workerCells, workerName } from "./worker-text.ts";

interface WorkerTableProps {
  workers: readonly Worker[];
  engine: string;
}

function cellClass(column: number, { fault }: Worker): string | undefined {
  if (column === 0 && fault !== "") return "worker-fault";
  return WORKER_HEADS[column] === "Address" ? "worker-address" : undefined;
}

export function WorkerTable({ workers, engine }: WorkerTableProps) {
  const now = Date.now();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="workers" aria-label="Workers" tabIndex={0}>
      <table data-testid="workers">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            {WORKER_HEADS.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={`${worker.kind} ${worker.id}`} data-testid="worker-row">
              <th scope="row" className="worker-name">
                {workerName(worker)}
              </th>
              {workerCells(worker, now).map((cell, column) => (
                <td key={WORKER_HEADS[column]} className={cellClass(column, worker)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">{engineText(engine)}</p>
    </section>
  );
}
