// Parts of a page of which one is shown. Arrow keys move between the tabs, Enter and Space choose.
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

interface Tab {
  name: string;
  label: string;
  content: ReactNode;
}

interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  /** The name of the shown tab. */
  value: string;
  onChange: (name: string) => void;
}

export function Tabs({ label, tabs, value, onChange }: TabsProps) {
  return (
    <Base.Root value={value} onValueChange={(next: string) => onChange(next)}>
      <Base.List className="tabs" aria-label={label}>
        {tabs.map(({ name, label }) => (
          <Base.Tab key={name} value={name} className="tab" data-testid={`tab-${name}`}>
            {label}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map(({ name, content }) => (
        <Base.Panel key={name} value={name} className="tab-panel">
          {content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
