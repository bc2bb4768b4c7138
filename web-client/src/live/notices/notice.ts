// Something to tell the person at the sheet.

export interface Notice {
  look: "info" | "error";
  text: string;
  /** What one click does about it. */
  action?: { label: string; run: () => void };
  /** Called when it is shown no more. */
  onClose?: () => void;
}
