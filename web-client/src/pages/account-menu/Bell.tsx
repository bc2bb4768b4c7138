// The place of the bell with the notices, which loads after the page.
import { LazyPart, Part } from "../../ui/Part.tsx";

const NoticeBell = new LazyPart(() => import("../notices/NoticeBell.tsx"));

export function Bell() {
  return (
    <Part
      part={NoticeBell}
      given={{}}
      frame={(content) => <span className="bell-place">{content}</span>}
    />
  );
}
