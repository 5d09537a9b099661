import { Component, type ErrorInfo, type ReactNode } from "react";

interface BoundaryProps {
  /** Of what the children are drawn from: with another one they are tried again. */
  readonly version: number;
  readonly onError: (error: unknown, componentStack: string) => void;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly hasFailed: boolean;
  readonly version: number;
}

/** What a component throws stays in its frame, and is reported. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { hasFailed: false, version: this.props.version };

  static getDerivedStateFromError(): Partial<BoundaryState> {
    return { hasFailed: true };
  }

  static getDerivedStateFromProps({ version }: BoundaryProps, state: BoundaryState): Partial<BoundaryState> | null {
    return version === state.version ? null : { hasFailed: false, version };
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    this.props.onError(error, componentStack ?? "");
  }

  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children;
  }
}
