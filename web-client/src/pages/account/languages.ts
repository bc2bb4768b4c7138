// The languages among which a person chooses how numbers and days are read.
import { isLocale, offeredLocales } from "../../live/engine/engine.ts";

export interface Language {
  /** As BCP 47 has it; `und`: none. */
  tag: string;
  name: string;
  /** 1234.5 and the last day of 2024, as the language writes them. */
  number: string;
  day: string;
}

const NONE = "und";
/** Values of `offeredLocales` for each language. */
const EACH = 3;

/** The name in English, with its region; the page has English texts. */
function nameOf(tag: string): string {
  if (tag === NONE) return "No language";
  return (
    new Intl.DisplayNames(["en"], { type: "language", languageDisplay: "standard" }).of(tag) ?? tag
  );
}

/** "No language" first, the others by their names. */
export function languages(): Language[] {
  const flat = offeredLocales();
  const all: Language[] = [];
  for (let i = 0; i + EACH <= flat.length; i += EACH) {
    const [tag = "", number = "", day = ""] = flat.slice(i, i + EACH);
    all.push({ tag, name: nameOf(tag), number, day });
  }
  const [none, ...others] = all;
  others.sort((a, b) => a.name.localeCompare(b.name, "en"));
  return none === undefined ? others : [none, ...others];
}

/** The language of the list that a tag is shown as: itself, else its language without a region, else none. */
export function shownLanguage(known: readonly Language[], tag: string): string {
  const [language = ""] = tag.split("-");
  const has = (wanted: string) => known.some((one) => one.tag === wanted);
  const found = [tag, language].find(has);
  if (found !== undefined || !isLocale(tag)) return found ?? NONE;
  const [first] = known.filter((one) => one.tag.startsWith(`${language}-`));
  return (language === "en" ? "en-US" : first?.tag) ?? NONE;
}
