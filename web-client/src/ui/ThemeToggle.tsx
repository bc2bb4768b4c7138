// Switches between light and dark.
import { toggleScheme, useScheme } from "../app/theme.ts";
import { IconButton } from "./Button.tsx";

export function ThemeToggle() {
  const dark = useScheme() === "dark";
  return (
    <IconButton
      icon={dark ? "sun" : "moon"}
      label={dark ? "Use light colours" : "Use dark colours"}
      data-testid="theme-toggle"
      onClick={toggleScheme}
    />
  );
}
