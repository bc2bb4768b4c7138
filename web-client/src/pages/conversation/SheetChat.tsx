// The chat of a sheet, for the panel beside it.
import type { CellLink } from "../../gen/gridloom/v1/chat_pb.ts";
import { Conversation } from "./Conversation.tsx";

interface SheetChatProps {
  sheetId: string;
  canWrite: boolean;
  openCell: (link: CellLink) => void;
}

export default function SheetChat({ sheetId, canWrite, openCell }: SheetChatProps) {
  return (
    <Conversation
      target={{ kind: "sheet", sheetId }}
      canWrite={canWrite}
      label="Chat of this sheet"
      openCell={openCell}
    />
  );
}
