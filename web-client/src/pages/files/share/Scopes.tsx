// The choice of whose files a list has.
import { SCOPES, type Scope } from "./file-roles.ts";

export function Scopes({ scope, onChange }: { scope: Scope; onChange: (scope: Scope) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons, and no fields of a form
    <div className="file-scopes" role="group" aria-label="Whose files">
      {SCOPES.map((one) => (
        <button
          key={one.scope}
          type="button"
          className="file-scope"
          aria-pressed={one.scope === scope}
          data-testid={`scope-${one.scope}`}
          onClick={() => onChange(one.scope)}
        >
          {one.label}
        </button>
      ))}
    </div>
  );
}
