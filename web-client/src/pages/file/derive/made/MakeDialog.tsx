// The frame of the dialogs that make a file of rows: the fields of the operation, the format and the name, and the job.
//
// What it is not: the operations (see the folders beside it). Invariant: a job is begun once: the same choices that are sent
// again give the same job.
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type FormEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Job } from "../../../../gen/gridloom/v1/jobs_pb.ts";
import type { SavedFormSchema } from "../../../../gen/gridloom/v1/transfers_pb.ts";
import { Dialog } from "../../../../ui/Dialog.tsx";
import { reloadFilesSoon } from "../../../files/file-lists.ts";
import { checkFileName } from "../../../files/file-name.ts";
import { SavedActions } from "../../transfer/SavedActions.tsx";
import { SavedFields } from "../../transfer/SavedFields.tsx";
import { type SavedAs, savedForm } from "../../transfer/saved.ts";
import { TransferState } from "../../transfer/TransferState.tsx";
import { useTransfer } from "../../transfer/use-transfer.ts";
import { offeredName } from "./offered-name.ts";
import "../../../../styles/transfer.css";
import "../../../../styles/derive.css";

/** What the fields of an operation know of the dialog. */
export interface Making {
  /** The person has tried to begin: what is still to be chosen is shown. */
  isTried: boolean;
  /** The call that begins the job is under way. */
  disabled: boolean;
  /** The error of that call; null: it had none. */
  refusal: unknown;
  /** Forgets the refusal: other choices are another job. */
  changed: () => void;
}

interface MakeProps {
  title: string;
  testId: string;
  /** What the button says that begins. */
  verb: string;
  /** Which rows are the source. */
  about: string;
  /** The name of the table. */
  name: string;
  /** The end of the name that is offered, such as `by state`. */
  end: string;
  /** Something is still to be chosen, which the fields show. */
  isLacking: boolean;
  /** Whether the fields show this refusal. */
  isPlaced: (refusal: unknown) => boolean;
  begin: (
    saved: MessageInitShape<typeof SavedFormSchema>,
    requestId: string,
  ) => Promise<Job | undefined>;
  onClose: () => void;
  children: (making: Making) => ReactNode;
}

export function MakeDialog(props: MakeProps) {
  const { title, testId, verb, about, name, end, isLacking, isPlaced, begin, onClose } = props;
  const [given, setGiven] = useState<SavedAs>();
  // The offered name follows the choices until the person writes one.
  const offered = offeredName(name, end);
  const saved = useMemo<SavedAs>(
    () => given ?? { choice: "parquet", file: offered },
    [given, offered],
  );
  const [tries, setTries] = useState(0);
  const call = useCallback(
    (requestId: string) => begin(savedForm(saved), requestId),
    [begin, saved],
  );
  const transfer = useTransfer(call, reloadFilesSoon);
  const { job, isBeginning, refusal, problem } = transfer;
  const form = useRef<HTMLFormElement>(null);
  useToProblem(form, tries, refusal);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (!isLacking && checkFileName(saved.file) === undefined) transfer.begin();
  };
  const file = saved.file.trim();
  const shown = refusal !== null && isPlaced(refusal) ? undefined : problem;
  return (
    <Dialog title={title} onClose={onClose} testId={testId} wide>
      <form ref={form} className="stack" onSubmit={submit} noValidate>
        <p className="note" data-testid="transfer-about">
          {about}
        </p>
        {job === undefined ? (
          <>
            {props.children({
              isTried: tries > 0,
              disabled: isBeginning,
              refusal,
              changed: transfer.reset,
            })}
            <div className="derive-pair">
              <SavedFields
                saved={saved}
                disabled={isBeginning}
                onChange={(next) => {
                  transfer.reset();
                  setGiven(next);
                }}
              />
            </div>
          </>
        ) : null}
        <TransferState job={job} problem={shown} done={`“${file}” is made.`} />
        <SavedActions {...{ transfer, verb, onClose }} name={file} />
      </form>
    </Dialog>
  );
}

/** Moves the focus to the first field with a problem after an attempt to begin. */
function useToProblem(
  form: { readonly current: HTMLFormElement | null },
  tries: number,
  refusal: unknown,
): void {
  useEffect(() => {
    if (tries === 0 && refusal === null) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, tries, refusal]);
}
