// A notice for the person at the sheet; the page shows it.

export interface Notice {
  look: "info" | "error";
  text: string;
  /** An action that the person can take by one click. */
  action?: { label: string; run: () => void };
  /** Called when the notice disappears. */
  onClose?: () => void;
}
