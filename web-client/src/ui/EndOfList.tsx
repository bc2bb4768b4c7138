// The end of a list that loads further pages when it is scrolled into view.
import { useEffect, useRef } from "react";

interface EndOfListProps {
  onReach: () => void;
}

export function EndOfList({ onReach }: EndOfListProps) {
  const end = useRef<HTMLDivElement>(null);
  const reach = useRef(onReach);
  reach.current = onReach;
  // Once more after each render: an end that is still in view after a page has loaded is reached again.
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) reach.current();
    });
    if (end.current !== null) observer.observe(end.current);
    return () => observer.disconnect();
  });
  return (
    <div ref={end} className="list-end">
      <span className="spinner" role="status" aria-label="Loading more" />
    </div>
  );
}
