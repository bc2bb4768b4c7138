// The kind and the settings of a column while a person edits them.
//
// Invariant: a setting that the chosen kind does not use stays as it was, so that a later choice finds it again.
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type Column,
  ColumnKind,
  type ColumnSettings,
  ColumnSettingsSchema,
} from "../../../gen/gridloom/v1/values_pb.ts";
import { entriesOf, entryProblem, listProblem, type OptionEntry, optionsOf } from "./options.ts";

export type Unit = "none" | "percent" | "currency";

export interface Draft {
  kind: ColumnKind;
  options: readonly OptionEntry[];
  /** Digits after the decimal mark; empty for all that a number has. */
  decimals: string;
  thousands: boolean;
  unit: Unit;
  currency: string;
  /** A language tag; empty for that of the account. */
  locale: string;
  refuse: boolean;
}

/** The setting that breaks a rule, by the name that the server has for it, and what to do. */
export interface Problem {
  setting: string;
  text: string;
}

export function isList(kind: ColumnKind): boolean {
  return kind === ColumnKind.CHOICE || kind === ColumnKind.CHOICES;
}

/** Whether the texts of a kind depend on a language. */
export function hasLocale(kind: ColumnKind): boolean {
  return [
    ColumnKind.NUMBER,
    ColumnKind.DATE,
    ColumnKind.LOCAL_DATETIME,
    ColumnKind.DATETIME,
  ].includes(kind);
}

export function draftOf(column: Column | undefined, kind = column?.kind): Draft {
  const settings = column?.settings;
  const { case: unit = "none", value } = settings?.unit ?? {};
  return {
    kind: kind || ColumnKind.ANY,
    options: entriesOf(settings?.options ?? []),
    decimals: settings?.decimals === undefined ? "" : String(settings.decimals),
    thousands: settings?.thousands ?? false,
    unit: unit === "percent" && value === false ? "none" : unit,
    currency: typeof value === "string" ? value : "",
    locale: settings?.locale ?? "",
    refuse: settings?.refuse ?? false,
  };
}

const MOST_DECIMALS = 20;

function areDecimals(text: string): boolean {
  return /^\d{1,2}$/.test(text.trim()) && Number(text) <= MOST_DECIMALS;
}

/** The settings of a draft; a field that has no value of its kind sets nothing. */
export function settingsOf(draft: Draft): ColumnSettings {
  const { decimals, thousands, currency, locale, refuse } = draft;
  const unit = draft.unit === "currency" && currency.trim() === "" ? "none" : draft.unit;
  const units = {
    none: { case: undefined },
    percent: { case: "percent" as const, value: true },
    currency: { case: "currency" as const, value: currency.trim() },
  };
  return create(ColumnSettingsSchema, {
    options: optionsOf(draft.options),
    ...(areDecimals(decimals) ? { decimals: Number(decimals) } : {}),
    thousands,
    unit: units[unit],
    locale,
    refuse,
  });
}

export function settingsBytes(draft: Draft): Uint8Array {
  return toBinary(ColumnSettingsSchema, settingsOf(draft));
}

/** The draft with the fields that its kind does not show as in `stored`: what is typed there no more counts. */
export function shownOnly(draft: Draft, stored: Draft): Draft {
  const { kind } = draft;
  const { decimals, thousands, unit, currency } = kind === ColumnKind.NUMBER ? draft : stored;
  return {
    kind,
    options: isList(kind) ? draft.options : stored.options,
    decimals,
    thousands,
    unit,
    currency,
    locale: hasLocale(kind) ? draft.locale : stored.locale,
    refuse: kind === ColumnKind.ANY ? stored.refuse : draft.refuse,
  };
}

/** The first problem that a field of the dialog can name; the engine has the other rules. */
export function draftProblem(draft: Draft): Problem | undefined {
  if (isList(draft.kind)) {
    const text = listProblem(draft.options);
    if (text !== undefined) return { setting: "options", text };
    for (const entry of draft.options) {
      const wrong = entryProblem(entry, draft.options);
      if (wrong !== undefined) return { setting: "options", text: `“${entry.text}”: ${wrong}` };
    }
  }
  if (draft.kind !== ColumnKind.NUMBER) return undefined;
  if (draft.decimals.trim() !== "" && !areDecimals(draft.decimals))
    return { setting: "decimals", text: `Enter a number from 0 to ${MOST_DECIMALS}, or nothing.` };
  if (draft.unit === "currency" && draft.currency.trim() === "")
    return { setting: "currency", text: "Enter a symbol or a code, such as € or EUR." };
  return undefined;
}

/** Whether a problem stands at its own field, so that no other place has it. */
export function isAtField({ kind, unit }: Draft, { setting }: Problem): boolean {
  if (kind !== ColumnKind.NUMBER) return false;
  return setting === "decimals" || (setting === "currency" && unit === "currency");
}
