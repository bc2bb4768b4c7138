// What stands in a dialog until the persons with a role are loaded.
import { Button } from "../../ui/Button.tsx";

interface LoadingProps {
  /** Undefined: they are being loaded. */
  problem: string | undefined;
  onAgain: () => void;
}

export function Loading({ problem, onAgain }: LoadingProps) {
  return (
    <div className="share-wait">
      {problem === undefined ? (
        <span className="spinner" role="status" aria-label="Loading" />
      ) : (
        <>
          <p role="alert">{problem}</p>
          <Button onClick={onAgain}>Try again</Button>
        </>
      )}
    </div>
  );
}
