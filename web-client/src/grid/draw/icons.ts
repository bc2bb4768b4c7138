// The icons of the column kinds, for the header.
import type { SpriteMap } from "@glideapps/glide-data-grid";

function strokes(path: string): SpriteMap[string] {
  return ({ bgColor }) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" viewBox="0 0 20 20"><path d="${path}" fill="none" stroke="${bgColor}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}

export const ICONS: SpriteMap = {
  text: strokes("M4.5 5.5h11M10 5.5v10M7.5 15.5h5"),
  number: strokes("M8 4 6.5 16M13.5 4 12 16M4.5 8h11.5M4 12h11.5"),
  checkbox: strokes(
    "M5.5 4h9A1.5 1.5 0 0 1 16 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 14.5v-9A1.5 1.5 0 0 1 5.5 4zM7 10.2l2.2 2.2L13 8",
  ),
  date: strokes(
    "M5 5h10a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM4 9h12M7.2 3.5v3M12.8 3.5v3",
  ),
  datetime: strokes(
    "M16 9V6a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h4M4 9h12M7.2 3.5v3M12.8 3.5v3M14 11a3 3 0 1 0 0.01 0zM14 12.6v1.6h1.3",
  ),
  choice: strokes("M10 4a6 6 0 1 0 0.01 0zM7.4 8.8 10 11.4l2.6-2.6"),
  choices: strokes("M4 5.6l1.2 1.2 2-2.4M4 13l1.2 1.2 2-2.4M10.5 6H16M10.5 13.4H16"),
  link: strokes(
    "M8.6 11.4l2.8-2.8M9 6.6l1.6-1.6a3 3 0 0 1 4.3 4.3L13.4 11M11 13.4 9.4 15a3 3 0 0 1-4.3-4.3L6.6 9",
  ),
  email: strokes(
    "M4.5 5.5h11a.5.5 0 0 1 .5.5v8a.5.5 0 0 1-.5.5h-11A.5.5 0 0 1 4 14V6a.5.5 0 0 1 .5-.5zM4.2 6l5.8 4.8L15.8 6",
  ),
  instant: strokes("M10 4a6 6 0 1 0 0.01 0zM10 6.8v3.4l2.4 1.5"),
};
