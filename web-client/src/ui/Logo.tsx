// The application's logo and name.

export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" className="logo-ground" />
        <path d="M8 11h16M8 16h16M8 21h16" className="logo-weft" />
        <path d="M11 8v16M16 8v16M21 8v16" className="logo-warp" />
      </svg>
      Gridloom
    </span>
  );
}
