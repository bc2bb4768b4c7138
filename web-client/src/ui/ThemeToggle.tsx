// Switches between light and dark.
import { toggleScheme, useScheme } from "../app/theme.ts";
import { IconButton } from "./Button.tsx";

export function ThemeToggle() {
  const dark = useScheme() === "dark";
  return (
    <IconButton
      icon={dark ? "sun" : "moon"}
      label={dark ? "Switch to light theme" : "Switch to dark theme"}
      data-testid="theme-toggle"
      onClick={toggleScheme}
    />
  );
}
