// Catches errors of its children while they render, and shows a replacement.
import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** Replaces the children after an error; `retry` renders them again. */
  fallback: (retry: () => void) => ReactNode;
  children: ReactNode;
}

export class Boundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    const retry = () => this.setState({ failed: false });
    return this.state.failed ? this.props.fallback(retry) : this.props.children;
  }
}
