// The functions of formulas, for the list from which one is inserted. The server has the rules: see docs/formulas.md.

interface FunctionGroup {
  label: string;
  functions: readonly { name: string; about: string }[];
}

export const FUNCTIONS: readonly FunctionGroup[] = [
  {
    label: "Conditions",
    functions: [
      { name: "IF", about: "IF(condition, then, else)" },
      { name: "AND", about: "AND(one, other, …)" },
      { name: "OR", about: "OR(one, other, …)" },
      { name: "NOT", about: "NOT(condition)" },
      { name: "COALESCE", about: "the first value that is not empty" },
    ],
  },
  {
    label: "Numbers",
    functions: [
      { name: "ROUND", about: "ROUND(number, decimals)" },
      { name: "FLOOR", about: "the whole number below" },
      { name: "CEILING", about: "the whole number above" },
      { name: "ABS", about: "the number without its sign" },
      { name: "MIN", about: "the least value" },
      { name: "MAX", about: "the greatest value" },
    ],
  },
  {
    label: "Texts",
    functions: [
      { name: "LEFT", about: "LEFT(text, characters)" },
      { name: "RIGHT", about: "RIGHT(text, characters)" },
      { name: "MID", about: "MID(text, first, characters)" },
      { name: "LEN", about: "the number of characters" },
      { name: "UPPER", about: "in capitals" },
      { name: "LOWER", about: "in small letters" },
      { name: "TRIM", about: "without spaces around it" },
      { name: "REPLACE", about: "REPLACE(text, old, new)" },
    ],
  },
  {
    label: "Days",
    functions: [
      { name: "YEAR", about: "the year of a day" },
      { name: "MONTH", about: "the month, from 1" },
      { name: "DAY", about: "the day of the month" },
    ],
  },
];
