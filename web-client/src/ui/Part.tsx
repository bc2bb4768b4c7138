// A part of the page that is loaded when it is first shown. While it loads, and after a failure, a
// replacement is in its place.
//
// Invariant: an error of the part, while it loads or renders, never affects the rest of the page.
import { type ComponentType, type ReactNode, useCallback, useEffect, useState } from "react";
import { Boundary } from "./Boundary.tsx";
import { Button } from "./Button.tsx";

type Module<P> = { default: ComponentType<P> };
type Loaded<P> =
  | { state: "loading" }
  | { state: "ready"; content: ComponentType<P> }
  | { state: "failed" };

let attempts = 0;

/** A component that is loaded once; after a failure, the next call loads it again. */
export class LazyPart<P extends object> {
  readonly #load: () => Promise<Module<P>>;
  content: ComponentType<P> | undefined;
  /** The address that failed to load, if the browser's error contains it. */
  #failed: string | undefined;

  constructor(load: () => Promise<Module<P>>) {
    this.#load = load;
  }

  async fetch(): Promise<ComponentType<P>> {
    this.content ??= (await this.#module()).default;
    return this.content;
  }

  /** Loads the module. Browsers cache a failure, so each retry uses a different address. */
  async #module(): Promise<Module<P>> {
    try {
      const again = this.#failed;
      this.#failed = undefined;
      if (again === undefined) return await this.#load();
      return (await import(/* @vite-ignore */ `${again}?attempt=${++attempts}`)) as Module<P>;
    } catch (error) {
      const address = /https?:\/\/\S+?\.js/.exec(error instanceof Error ? error.message : "");
      this.#failed = address?.[0];
      throw error;
    }
  }

  /** Loads the part ahead of time. A failure is ignored: the part loads again when it is shown. */
  readonly preload = (): void => void this.fetch().catch(() => undefined);
}

interface PartProps<P extends object> {
  part: LazyPart<P>;
  /** The component's own properties. */
  given: P;
  /** Wraps what replaces the part while it loads or after a failure. */
  frame: (content: ReactNode) => ReactNode;
}

export function Part<P extends object>({ part, given, frame }: PartProps<P>) {
  const [loaded, setLoaded] = useState<Loaded<P>>(
    part.content === undefined ? { state: "loading" } : { state: "ready", content: part.content },
  );
  const start = useCallback(() => {
    let gone = false;
    part.fetch().then(
      (content) => !gone && setLoaded({ state: "ready", content }),
      () => !gone && setLoaded({ state: "failed" }),
    );
    return () => {
      gone = true;
    };
  }, [part]);
  useEffect(start, [start]);
  const again = () => {
    setLoaded({ state: "loading" });
    start();
  };
  if (loaded.state === "failed") return frame(<PartFailed onRetry={again} />);
  if (loaded.state === "loading") return frame(<PartLoading />);
  const Content = loaded.content;
  return (
    <Boundary fallback={(retry) => frame(<PartFailed onRetry={retry} />)}>
      <Content {...given} />
    </Boundary>
  );
}

/**
 * Loads a part when the page is idle, so that it also opens while the server is unavailable. `preload`: the same function
 * at each render.
 */
export function usePreload(preload: () => void): void {
  useEffect(() => {
    if (typeof requestIdleCallback === "undefined") return undefined;
    const idle = requestIdleCallback(preload);
    return () => cancelIdleCallback(idle);
  }, [preload]);
}

function PartLoading() {
  return <span className="spinner" role="status" aria-label="Loading" />;
}

/** Replaces a part that could not be loaded. */
export function PartFailed({ onRetry }: { onRetry: () => void }) {
  return (
    <div className="part-failed" role="alert" data-testid="part-failed">
      <p>
        This part of the page couldn't be loaded. The server is unavailable, or Gridloom was
        updated.
      </p>
      <div className="part-actions">
        <Button data-testid="part-retry" onClick={onRetry}>
          Try again
        </Button>
        <Button data-testid="part-reload" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    </div>
  );
}
