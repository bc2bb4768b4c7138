// Sizes of files as text, in the units of the server's limits.

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const STEP = 1024;
/** Three digits at most, so that a size keeps its width while it grows. */
const SHORT = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** "1 byte", "812 bytes", "1.5 MiB", "64 GiB". */
export function sizeText(bytes: number | bigint): string {
  let [value, unit] = [Number(bytes), 0];
  if (value === 1) return "1 byte";
  // A value that would be written as 1,024 is one of the next unit.
  while (Math.round(value) >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit++;
  }
  const form = value >= 100 ? WHOLE : SHORT;
  return `${form.format(value)} ${UNITS[unit]}`;
}

/** "12 MiB of 40 MiB"; the whole alone once it is done. */
export function progressText(done: number, total: number): string {
  return done >= total ? sizeText(total) : `${sizeText(done)} of ${sizeText(total)}`;
}

/** "30 %", which is not divided at the end of a line: 100 only once all is done. */
export function percentText(done: number, total: number): string {
  return `${total === 0 ? 0 : Math.floor((done / total) * 100)}\u00a0%`;
}
