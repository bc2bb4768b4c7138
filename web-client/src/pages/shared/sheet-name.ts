// The rules for the name of a sheet; the server checks the same ones.

/** The most characters of a name. */
export const NAME_LONGEST = 200;

/** The error message for a name; undefined when it is valid. */
export function checkSheetName(name: string): string | undefined {
  return name.trim() === "" ? "Give the sheet a name." : undefined;
}
