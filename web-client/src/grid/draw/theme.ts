// The grid's colours, read from the tokens of the stylesheet, which is the one place that defines them.
import type { Theme } from "@glideapps/glide-data-grid";
import { useMemo } from "react";
import { type Scheme, useScheme } from "../../ui/theme/theme.ts";

/** The colour of a token under the present scheme. */
export function token(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function gridTheme(scheme: Scheme): Partial<Theme> {
  const accent = token("--accent");
  const faint = token("--ink-faint");
  const line = token("--line");
  return {
    accentColor: accent,
    accentFg: token("--accent-ink"),
    accentLight: scheme === "dark" ? "rgba(47, 184, 166, 0.16)" : "rgba(15, 118, 110, 0.09)",
    textDark: token("--ink"),
    textMedium: token("--ink-soft"),
    textLight: faint,
    textHeader: token("--ink-soft"),
    textHeaderSelected: token("--accent-ink"),
    bgIconHeader: faint,
    fgIconHeader: token("--surface"),
    bgCell: token("--surface"),
    bgCellMedium: token("--ground"),
    bgHeader: token("--ground"),
    bgHeaderHasFocus: token("--accent-soft"),
    bgHeaderHovered: token("--hover"),
    borderColor: line,
    horizontalBorderColor: line,
    headerBottomBorderColor: token("--line-strong"),
    linkColor: accent,
    cellHorizontalPadding: 10,
    cellVerticalPadding: 4,
    headerIconSize: 16,
    headerFontStyle: "600 13px",
    baseFontStyle: "13px",
    markerFontStyle: "11px",
    editorFontSize: "13px",
    fontFamily: getComputedStyle(document.body).fontFamily,
    roundingRadius: 3,
  };
}

export function useGridTheme(): Partial<Theme> {
  const scheme = useScheme();
  return useMemo(() => gridTheme(scheme), [scheme]);
}
