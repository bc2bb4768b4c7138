// Applies the stored theme; without one, the stylesheet follows the system.
try {
  const chosen = localStorage.getItem("gridloom.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Without access to the storage, the stylesheet follows the system.
}
