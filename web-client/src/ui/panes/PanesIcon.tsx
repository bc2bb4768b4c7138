// The icon of sheets side by side. It is no part of `Icon`, because only what loads later uses it.
import { Columns2 } from "lucide-react";

export function PanesIcon() {
  return <Columns2 className="icon" size={16} aria-hidden="true" />;
}
