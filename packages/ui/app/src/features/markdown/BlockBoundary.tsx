import { Component, type ReactNode } from "react";

interface BlockBoundaryProps {
  readonly raw: string;
  readonly children: ReactNode;
}

interface BlockBoundaryState {
  readonly failed: boolean;
}

/** A block that cannot be drawn is shown as it was written, and takes nothing with it. */
export class BlockBoundary extends Component<BlockBoundaryProps, BlockBoundaryState> {
  override state: BlockBoundaryState = { failed: false };

  static getDerivedStateFromError(): BlockBoundaryState {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <p className="raw">{this.props.raw.trimEnd()}</p> : this.props.children;
  }
}
