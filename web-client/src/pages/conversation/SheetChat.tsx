// The chat of a sheet, for the panel beside it.
import { Conversation } from "./Conversation.tsx";
import type { SelectedCell } from "./links/LinkButton.tsx";
import type { OpenCell } from "./links/SheetChip.tsx";

interface SheetChatProps {
  sheetId: string;
  canWrite: boolean;
  openCell: OpenCell;
  selected: SelectedCell;
}

export default function SheetChat({ sheetId, canWrite, openCell, selected }: SheetChatProps) {
  return (
    <Conversation
      target={{ kind: "sheet", sheetId }}
      canWrite={canWrite}
      label="Chat of this sheet"
      {...{ openCell, selected }}
    />
  );
}
