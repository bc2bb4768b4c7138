// As which language a file is written, and in which zone its times are.
import { useMemo } from "react";
import { localeNow } from "../../api/session.ts";
import { Select } from "../../ui/Select.tsx";
import { useLanguages } from "../account/use-languages.ts";
import { type How, ownZone, zones } from "./how.ts";

interface NotationProps {
  how: How;
  disabled: boolean;
  onChange: (how: How) => void;
}

/** The language of the account counts unless another one is chosen. A language has a decimal mark of its own. */
export function LanguageChoice({ how, disabled, onChange }: NotationProps) {
  const own = localeNow();
  const known = useLanguages(own).data ?? [];
  const name = known.find(({ tag }) => tag === own)?.name ?? "";
  return (
    <Select
      label="Written as in"
      options={[
        { value: "", label: "Your account", about: name },
        ...known.map(({ tag, name, number, day }) => ({
          value: tag,
          label: name,
          about: `${number} · ${day}`,
        })),
      ]}
      value={how.locale ?? ""}
      disabled={disabled}
      onChange={(tag) =>
        onChange({ ...how, decimalMark: undefined, locale: tag === "" ? undefined : tag })
      }
      hint={how.locale === undefined ? name : ""}
      testId="import-locale"
    />
  );
}

/** The zone of this browser counts unless another one is chosen. */
export function ZoneChoice({ how, disabled, onChange }: NotationProps) {
  const known = useMemo(zones, []);
  const own = ownZone();
  return (
    <Select
      label="Times without a zone"
      options={known.map((zone) => ({
        value: zone,
        label: zone.replaceAll("_", " "),
        about: zone === own ? "This browser" : "",
      }))}
      value={how.timeZone ?? own}
      disabled={disabled}
      onChange={(timeZone) => onChange({ ...how, timeZone })}
      testId="import-zone"
    />
  );
}
