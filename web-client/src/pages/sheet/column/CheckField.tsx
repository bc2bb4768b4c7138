// A setting of a column that is on or off.

interface CheckFieldProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  testId: string;
}

export function CheckField({ label, checked, onChange, testId }: CheckFieldProps) {
  return (
    <label className="column-check">
      <input
        type="checkbox"
        checked={checked}
        data-testid={testId}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  );
}
