// What a sheet may be called; the server holds the same rule.

/** Characters. */
export const NAME_LONGEST = 200;

export function checkSheetName(name: string): string | undefined {
  return name.trim() === "" ? "Give the sheet a name." : undefined;
}
