// The languages among which a person chooses how numbers and days are read.
import { isLocale, localeExample, offeredLocales } from "../../live/engine/engine.ts";

export interface Language {
  /** As BCP 47 has it; `und`: none. */
  tag: string;
  name: string;
  /** 1234.5 and the last day of 2024, as the language writes them. */
  number: string;
  day: string;
}

/** The tag of no language. */
export const NONE = "und";
/** Values of `offeredLocales` for each language. */
const EACH = 3;

/** The name in English, with its region; the page has English texts. */
function nameOf(tag: string): string {
  if (tag === NONE) return "No language";
  const names = new Intl.DisplayNames(["en"], { type: "language", languageDisplay: "standard" });
  try {
    return names.of(tag.replaceAll("_", "-")) ?? tag;
  } catch {
    // A tag with an extension has no name.
    return tag;
  }
}

/** Those of the engine in its order, "No language" first; behind them that of an account where it is not offered. */
export function languages(own = NONE): Language[] {
  const flat = offeredLocales();
  const all: Language[] = [];
  for (let i = 0; i + EACH <= flat.length; i += EACH) {
    const [tag = "", number = "", day = ""] = flat.slice(i, i + EACH);
    all.push({ tag, name: nameOf(tag), number, day });
  }
  if (isLocale(own) && all.every(({ tag }) => tag !== own)) {
    const [number = "", day = ""] = localeExample(own);
    all.push({ tag: own, name: nameOf(own), number, day });
  }
  return all;
}

/** The language of the list that a tag is shown as: itself, else none, by which an unknown one is read. */
export function shownLanguage(known: readonly Language[], tag: string): string {
  return known.some((one) => one.tag === tag) ? tag : NONE;
}
