// The uploads under way that this tab does not run, as after a reload: the person chooses the same file again to continue.
import { useMutation, useQuery } from "@connectrpc/connect-query";
import { type ChangeEvent, useRef, useState } from "react";
import { progressText, sizeText } from "../../base/size-text.ts";
import { useStore } from "../../base/store.ts";
import { day } from "../../base/text.ts";
import { FileService, type Upload } from "../../gen/gridloom/v1/files_pb.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { showToast } from "../../ui/toasts.ts";
import { ConfirmDialog } from "../shared/ConfirmDialog.tsx";
import { reloadFiles } from "./file-lists.ts";
import { fileProblem } from "./problems/file-problem.ts";
import { transfers, upload } from "./transfers/own-transfers.ts";

const { cancelUpload, listUploads } = FileService.method;

/** The uploads of the server without those of this tab. */
function useUnfinished(): Upload[] {
  const { data } = useQuery(listUploads);
  const own = new Set(useStore(transfers.shown).map(({ uploadId }) => uploadId));
  return (data?.uploads ?? []).filter(({ id }) => !own.has(id));
}

export function Unfinished() {
  const uploads = useUnfinished();
  const [discarding, setDiscarding] = useState<Upload>();
  const { mutate } = useMutation(cancelUpload, {
    onError: (error) => showToast("error", fileProblem(error)),
    onSettled: reloadFiles,
  });
  if (uploads.length === 0) return null;
  const onConfirm = () => {
    if (discarding !== undefined) mutate({ uploadId: discarding.id });
    setDiscarding(undefined);
  };
  return (
    <section className="transfers" aria-labelledby="unfinished-uploads" data-testid="unfinished">
      <div className="transfers-head">
        <h2 id="unfinished-uploads">Unfinished uploads</h2>
      </div>
      <p className="transfers-about">
        This tab does not send them. To continue an upload, choose the same file again, or drop it
        here.
      </p>
      <ul className="transfer-list">
        {uploads.map((upload) => (
          <Row key={upload.id} upload={upload} onDiscard={() => setDiscarding(upload)} />
        ))}
      </ul>
      {discarding === undefined ? null : (
        <ConfirmDialog
          title={`Discard the upload of “${discarding.name}”?`}
          text={`${sizeText(discarding.receivedBytes)} of it are uploaded. To upload the file later, you begin from the start.`}
          action="Discard"
          busy={false}
          error={undefined}
          onConfirm={onConfirm}
          onClose={() => setDiscarding(undefined)}
        />
      )}
    </section>
  );
}

/** Continues an upload with a chosen file; another file is refused. */
function continueWith(unfinished: Upload, file: File): void {
  const { id, name, sizeBytes } = unfinished;
  const other = `“${file.name}” is another file. Choose “${name}” with ${sizeText(sizeBytes)} to continue its upload.`;
  // The server keeps no space around a name.
  if (file.name.trim() === name && BigInt(file.size) === sizeBytes) upload([file], id);
  else showToast("error", other);
}

function Row({ upload, onDiscard }: { upload: Upload; onDiscard: () => void }) {
  const picker = useRef<HTMLInputElement>(null);
  const { name, receivedBytes, sizeBytes, endsAtMicros } = upload;
  const onPick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file !== undefined) continueWith(upload, file);
  };
  return (
    <li className="transfer" data-testid="unfinished-upload">
      <Icon name="upload" />
      <div className="transfer-body">
        <span className="transfer-name" title={name}>
          {name}
        </span>
        <p className="transfer-facts">
          <span>{`${progressText(Number(receivedBytes), Number(sizeBytes))} · kept until ${day(Number(endsAtMicros / 1000n))}`}</span>
        </p>
      </div>
      <Button
        aria-label={`Choose file… ${name}`}
        data-testid="unfinished-choose"
        onClick={() => picker.current?.click()}
      >
        Choose file…
      </Button>
      <Button
        look="quiet"
        aria-label={`Discard the upload of ${name}`}
        data-testid="unfinished-discard"
        onClick={onDiscard}
      >
        Discard
      </Button>
      <input
        ref={picker}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={`The file ${name}`}
        data-testid="unfinished-file"
        onChange={onPick}
      />
    </li>
  );
}
