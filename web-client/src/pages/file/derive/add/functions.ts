// The functions of formulas, for the list from which one is inserted. The server has the rules: see docs/formulas.md.
//
// What it is not: a check of formulas. One that is missing here can be written.

interface FunctionGroup {
  label: string;
  functions: readonly { name: string; about: string }[];
}

export const FUNCTIONS: readonly FunctionGroup[] = [
  {
    label: "Conditions",
    functions: [
      { name: "IF", about: "condition, then, else" },
      { name: "AND", about: "all are true" },
      { name: "OR", about: "one of them is true" },
      { name: "NOT", about: "the opposite" },
      { name: "ISEMPTY", about: "the cell has no value" },
      { name: "COALESCE", about: "the first value that is not empty" },
    ],
  },
  {
    label: "Numbers",
    functions: [
      { name: "ROUND", about: "number, decimals" },
      { name: "FLOOR", about: "number, down to a multiple" },
      { name: "CEILING", about: "number, up to a multiple" },
      { name: "ABS", about: "the number without its sign" },
      { name: "MOD", about: "number, divisor: the rest" },
      { name: "MIN", about: "the least of several values" },
      { name: "MAX", about: "the greatest of several values" },
      { name: "SQRT", about: "the square root" },
      { name: "NUMBER", about: "a text as a number" },
    ],
  },
  {
    label: "Texts",
    functions: [
      { name: "LEFT", about: "text, characters" },
      { name: "RIGHT", about: "text, characters" },
      { name: "MID", about: "text, first, characters" },
      { name: "LEN", about: "the number of characters" },
      { name: "UPPER", about: "in capitals" },
      { name: "LOWER", about: "in small letters" },
      { name: "TRIM", about: "without spaces around it" },
      { name: "SUBSTITUTE", about: "text, old, new" },
      { name: "CONTAINS", about: "text, part" },
      { name: "STARTSWITH", about: "text, beginning" },
      { name: "CONCAT", about: "several texts as one" },
      { name: "TEXT", about: "a value as a text" },
    ],
  },
  {
    label: "Days and times",
    functions: [
      { name: "DATE", about: "year, month, day" },
      { name: "YEAR", about: "the year" },
      { name: "MONTH", about: "the month, from 1" },
      { name: "DAY", about: "the day of the month" },
      { name: "HOUR", about: "the hour, from 0" },
      { name: "MINUTE", about: "the minute" },
      { name: "WEEKDAY", about: "the day of the week" },
      { name: "DAYS", about: "end, begin" },
    ],
  },
];
