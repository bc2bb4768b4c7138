// Deletes a comment with its replies, after a question. Its author and the owner of the sheet may do that.
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { session } from "../../api/session.ts";
import { useStore } from "../../base/store.ts";
import type { Comment } from "../../gen/gridloom/v1/comments_pb.ts";
import { Role } from "../../gen/gridloom/v1/roles_pb.ts";
import { IconButton } from "../../ui/Button.tsx";
import { DeleteDialog } from "../conversation/list/DeleteDialog.tsx";
import { commentChanged, comments } from "./calls.ts";

interface DeleteCommentProps {
  id: string;
  comment: Comment;
  /** The role of the person on the sheet. */
  role: Role;
  onDeleted: () => void;
}

const TEXT = "It is removed with its replies, for everyone.";

export function DeleteComment({ id, comment, role, onDeleted }: DeleteCommentProps) {
  const own = useStore(session)?.accountId;
  const [asks, setAsks] = useState(false);
  const { threadId, rowId, first } = comment;
  if (role !== Role.OWNER && first?.authorId !== own) return null;
  const remove = async () => {
    await comments.deleteComment({ threadId });
    commentChanged(id, rowId);
    onDeleted();
  };
  return (
    <>
      <IconButton
        icon={Trash2}
        label="Delete this comment"
        data-testid="comment-delete"
        onClick={() => setAsks(true)}
      />
      {asks ? (
        <DeleteDialog
          title="Delete this comment?"
          text={TEXT}
          remove={remove}
          onClose={() => setAsks(false)}
        />
      ) : null}
    </>
  );
}
