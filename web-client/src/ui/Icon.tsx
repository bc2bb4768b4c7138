// The icons: strokes in the current colour on a square of 20 units.

const PATHS = {
  arrowLeft: "M12 4 6 10l6 6",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  cloudOff:
    "M4 4l12 12M7 6.2A4.5 4.5 0 0 1 14.4 9 3.2 3.2 0 0 1 16 14.6M13 15H6a3.5 3.5 0 0 1-.9-6.9",
  columnPlus: "M4 4h5v12H4zM14.5 7v6M11.5 10h6",
  dots: "M10 4.8v.1M10 10v.1M10 15.1v.1",
  download: "M10 3.5v9M6.5 9l3.5 3.5L13.5 9M4 16.5h12",
  grid: "M3.5 4h13v12h-13zM3.5 8h13M3.5 12h13M8 4v12M12.5 4v12",
  help: "M7.5 7.6A2.6 2.6 0 1 1 10 11v1.3M10 15v.1",
  history: "M4 4.5V8h3.5M4.6 12.2A6 6 0 1 0 4.4 8M10 6.5V10l2.4 1.6",
  hash: "M7.5 3.5 6 16.5M14 3.5l-1.5 13M4 7.5h13M3 12.5h13",
  moon: "M16 11.6A6.5 6.5 0 0 1 8.4 4a6.5 6.5 0 1 0 7.6 7.6z",
  pencil: "M4 16l.7-3.3L13 4.4l2.6 2.6-8.3 8.3zM11.4 6l2.6 2.6",
  plus: "M10 4.5v11M4.5 10h11",
  rowPlus: "M4 4h12v5H4zM7 14.5h6M10 11.5v6",
  search: "M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zM12.7 12.7 16.5 16.5",
  signOut: "M8 4H4.5v12H8M8.5 10h8M13.5 7l3 3-3 3",
  sun: "M10 7a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM10 2.5V4M10 16v1.5M2.5 10H4M16 10h1.5M4.7 4.7l1 1M14.3 14.3l1 1M15.3 4.7l-1 1M5.7 14.3l-1 1",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v4.5M11.5 9v4.5",
  upload: "M10 12.5v-9M6.5 7 10 3.5 13.5 7M4 16.5h12",
  x: "m5 5 10 10M15 5 5 15",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
