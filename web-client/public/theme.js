// Applies the theme that was chosen earlier; without a choice, the system's preference stands.
try {
  const chosen = localStorage.getItem("gridloom.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is closed to this page: the system's preference stands.
}
