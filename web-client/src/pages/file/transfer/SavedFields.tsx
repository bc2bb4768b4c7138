// The format and the name of a file that is made.
import { Select } from "../../../ui/Select.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { checkFileName } from "../../files/file-name.ts";
import { CHOICES, type SavedAs, withEnding } from "./saved.ts";

interface SavedFieldsProps {
  saved: SavedAs;
  disabled: boolean;
  /** Whether the name has the focus when its dialog opens. */
  first?: boolean;
  onChange: (saved: SavedAs) => void;
}

export function SavedFields({ saved, disabled, first = false, onChange }: SavedFieldsProps) {
  const { choice, file } = saved;
  return (
    <>
      <Select
        label="Format"
        options={CHOICES}
        value={choice}
        disabled={disabled}
        testId="save-format"
        onChange={(next) => onChange({ choice: next, file: withEnding(file, next) })}
      />
      <TextField
        label="Name of the file"
        value={file}
        disabled={disabled}
        error={checkFileName(file)}
        hint="It is kept with your files, and counts for their size."
        testId="save-name"
        first={first}
        onChange={(next) => onChange({ choice, file: next })}
      />
    </>
  );
}
