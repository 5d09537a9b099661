import { type ComponentProps, createContext, type JSX, useContext, useState } from "react";
import { cn } from "./cn";

const PictureContext = createContext({ isLoaded: false, set: (_: boolean): void => {} });

export function Avatar({ className, ...rest }: ComponentProps<"span">): JSX.Element {
  const [isLoaded, set] = useState(false);
  return (
    <PictureContext value={{ isLoaded, set }}>
      <span {...rest} className={cn("ui-avatar", className)} />
    </PictureContext>
  );
}

export function AvatarImage({ className, alt = "", ...rest }: ComponentProps<"img">): JSX.Element | null {
  const picture = useContext(PictureContext);
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken || !rest.src) return null;
  return (
    <img
      {...rest}
      alt={alt}
      onLoad={() => picture.set(true)}
      onError={() => setIsBroken(true)}
      className={cn("ui-avatar-image", className)}
    />
  );
}

export function AvatarFallback({ className, ...rest }: ComponentProps<"span">): JSX.Element | null {
  if (useContext(PictureContext).isLoaded) return null;
  return <span {...rest} className={cn("ui-avatar-fallback", className)} />;
}
