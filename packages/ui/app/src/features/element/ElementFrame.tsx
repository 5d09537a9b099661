import { useFileUrl } from "@convo/react";
import { Component, type JSX, memo, type ReactNode, Suspense } from "react";
import { safeAddress } from "./address";
import { Loading } from "./Pending";
import { Unshown } from "./Unshown";
import { type ElementView, type Place, viewerOf } from "./viewers";
import "./element.css";

interface ElementFrameProps {
  readonly element: ElementView;
  readonly place: Place;
}

/** One element in its viewer; or what can be said and done when there is none, or it fails. */
export const ElementFrame = memo(function ElementFrame({ element, place }: ElementFrameProps): JSX.Element {
  const address = useFileUrl(element);
  const url = safeAddress(address);
  if (address !== undefined && url === undefined) return <Unshown element={element} url={undefined} reason="refused" />;
  if (address === undefined && element.url !== undefined) return <Loading />;
  const Viewer = viewerOf(element.type);
  if (Viewer === undefined) return <Unshown element={element} url={url} reason="unknown" />;
  return (
    <ViewerBoundary key={element.type} element={element} url={url}>
      <Suspense fallback={<Loading />}>
        <Viewer element={element} url={url} place={place} />
      </Suspense>
    </ViewerBoundary>
  );
});

interface ViewerBoundaryProps {
  readonly element: ElementView;
  readonly url: string | undefined;
  readonly children: ReactNode;
}

/** What a viewer throws stays with its element. */
class ViewerBoundary extends Component<ViewerBoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidUpdate(before: ViewerBoundaryProps): void {
    if (this.state.hasFailed && before.element !== this.props.element) this.#retry();
  }

  readonly #retry = (): void => this.setState({ hasFailed: false });

  override render(): ReactNode {
    const { element, url, children } = this.props;
    if (!this.state.hasFailed) return children;
    return <Unshown element={element} url={url} reason="failed" onRetry={this.#retry} />;
  }
}
