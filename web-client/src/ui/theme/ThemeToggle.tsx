// Switches between light and dark.
import { IconButton } from "../Button.tsx";
import { toggleScheme, useScheme } from "./theme.ts";

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
