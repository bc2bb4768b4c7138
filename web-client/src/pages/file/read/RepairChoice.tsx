// The choice that repairs a file of text whose fault the preview does not reach.
import type { How } from "../../import/how.ts";
import { isRepaired, mayRepair, withRepairs } from "./reading.ts";
import type { LoadedPreview } from "./use-file-preview.ts";

interface RepairChoiceProps {
  preview: LoadedPreview;
  how: How;
  /** Why the last attempt to read the file has failed. */
  failure: string | undefined;
  disabled: boolean;
  onChange: (how: How) => void;
}

/** A problem of the preview itself has a remedy of its own. */
function isOffered({ preview: { shown, isTooSlow }, how, failure }: RepairChoiceProps): boolean {
  const hasRepairs = how.repairs.length > 0;
  if (failure === undefined && !hasRepairs) return false;
  return shown === undefined ? isTooSlow || hasRepairs : mayRepair(shown.format);
}

export function RepairChoice(props: RepairChoiceProps) {
  const { how, disabled, onChange } = props;
  if (!isOffered(props)) return null;
  return (
    <div>
      <label className="file-repair">
        <input
          type="checkbox"
          checked={isRepaired(how)}
          disabled={disabled}
          aria-describedby="file-repair-about"
          data-testid="file-repair"
          onChange={(event) => onChange(withRepairs(how, event.target.checked))}
        />
        Repair rows and characters
      </label>
      <p id="file-repair-about" className="file-read-about">
        Fills short rows with empty cells, leaves out characters that no cell can hold, and replaces
        damaged ones.
      </p>
    </div>
  );
}
