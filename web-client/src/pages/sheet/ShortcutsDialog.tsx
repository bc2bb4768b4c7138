// The dialog with all keys.
import { HELP } from "../../grid/actions/help.ts";
import { Dialog } from "../../ui/Dialog.tsx";

export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} testId="shortcuts" wide>
      <div className="shortcuts">
        {HELP.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([chord, label]) => (
                <div key={chord} className="shortcut">
                  <dt>{label}</dt>
                  <dd>
                    <kbd>{chord}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
