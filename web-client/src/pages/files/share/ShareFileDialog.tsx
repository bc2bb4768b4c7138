// The dialog with the persons that have a role on a file. The owner changes them; other persons see the list, and leave
// the file.
import type { File } from "../../../gen/gridloom/v1/files_pb.ts";
import { Dialog } from "../../../ui/Dialog.tsx";
import { showToast } from "../../../ui/toasts.ts";
import { Leave } from "../../share/Leave.tsx";
import { Loading } from "../../share/Loading.tsx";
import { People } from "../../share/People.tsx";
import { fileProblem } from "../problems/file-problem.ts";
import { LEAVING } from "./file-roles.ts";
import { fileShareable, useFileShares, useLeaveFile } from "./use-file-shares.ts";

export interface ShareFileProps {
  file: Pick<File, "id" | "name">;
  /** The lists of files are to be read again. */
  onChanged: () => void;
  /** The person has ended its own role. */
  onLeft: () => void;
  onClose: () => void;
}

export default function ShareFileDialog({ file, onChanged, onLeft, onClose }: ShareFileProps) {
  const { data, error, refetch } = useFileShares(file.id);
  return (
    <Dialog title={`Share “${file.name}”`} onClose={onClose} testId="share" wide>
      {data === undefined ? (
        <Loading
          problem={error === null ? undefined : fileProblem(error)}
          onAgain={() => void refetch()}
        />
      ) : (
        <Content of={fileShareable(file, data, onChanged)} {...{ file, onLeft }} />
      )}
    </Dialog>
  );
}

interface ContentProps {
  of: ReturnType<typeof fileShareable>;
  file: Pick<File, "id" | "name">;
  onLeft: () => void;
}

function Content({ of, file: { id, name }, onLeft }: ContentProps) {
  const { mutate, isPending, error } = useLeaveFile();
  const onSuccess = () => {
    onLeft();
    showToast("info", `You have left “${name}”.`);
  };
  return (
    <div className="share">
      <People of={of} />
      {of.isOwner ? (
        <p className="note">
          The file counts for your storage alone. While it is removed, others do not find it.
        </p>
      ) : (
        <Leave
          name={name}
          noun="file"
          text={LEAVING}
          isBusy={isPending}
          problem={error === null ? undefined : fileProblem(error)}
          onLeave={() => mutate({ fileId: id }, { onSuccess })}
        />
      )}
    </div>
  );
}
