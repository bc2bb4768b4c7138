// The page for an unknown address.
import { StatePage } from "./StatePage.tsx";

export function UnknownPage() {
  return (
    <StatePage
      title="Page not found"
      text="There is no page at this address."
      testId="page-not-found"
    />
  );
}
