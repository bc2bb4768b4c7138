// The table of what runs jobs and queries.
import type { Worker } from "../../gen/gridloom/v1/operator_pb.ts";
import { engineText, WORKER_HEADS, workerCells, workerName } from "./worker-text.ts";

interface WorkerTableProps {
  workers: readonly Worker[];
  engine: string;
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
              <th scope="row">{workerName(worker)}</th>
              {workerCells(worker, now).map((cell, column) => (
                <td
                  key={WORKER_HEADS[column]}
                  className={column === 0 && worker.fault !== "" ? "worker-fault" : undefined}
                >
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
