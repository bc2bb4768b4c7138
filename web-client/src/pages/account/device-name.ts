// The program behind a session in words, from the line by which programs name themselves (`user-agent`).
//
// What it is not: exact. The whole line is shown on hover.

/** The first that matches is named; browsers also name the browsers that they are built on. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bSamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)\S* (?:Mobile\/\S+ )?Safari\//, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** Characters of a line that is no browser's. */
const SHOWN = 60;

/** "Chrome 131 on Windows"; the line itself for other programs. */
export function deviceName(line: string): string {
  if (line.trim() === "") return "Unknown program";
  const system = SYSTEMS.find(([pattern]) => pattern.test(line))?.[1];
  for (const [pattern, name] of PROGRAMS) {
    const version = pattern.exec(line)?.[1];
    if (version !== undefined)
      return system === undefined ? `${name} ${version}` : `${name} ${version} on ${system}`;
  }
  const characters = [...line.trim()];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join("")}…` : line.trim();
}
