import { type ComponentType, createElement, type JSX, type SVGProps, useEffect, useState } from "react";
import type { Sign } from "../features/custom/messages";
import type { Port } from "./port";

type IconProps = SVGProps<SVGSVGElement> & { readonly size?: number | string; readonly absoluteStrokeWidth?: boolean };

/** The module `lucide-react`: a component for whatever name is asked for, whose drawing comes when it is shown. */
export function lucide(port: Port): object {
  const icons = new Map<string, ComponentType<IconProps>>();
  const known = new Map<string, Sign | null>();
  const iconOf = (name: string): ComponentType<IconProps> => {
    const made = icons.get(name) ?? icon(port, name.replace(/^Lucide(?=[A-Z])|(?<=[a-z0-9])Icon$/g, ""), known);
    icons.set(name, made);
    return made;
  };
  return new Proxy(
    { __esModule: true },
    {
      get: (module, name) => {
        if (typeof name === "symbol" || Object.hasOwn(module, name)) return Reflect.get(module, name);
        return /^[A-Z]/.test(name) ? iconOf(name) : undefined;
      },
      has: (_, name) => typeof name === "string" && /^[A-Z]/.test(name),
    },
  );
}

function icon(port: Port, name: string, known: Map<string, Sign | null>): ComponentType<IconProps> {
  function Icon({ size = 24, absoluteStrokeWidth, strokeWidth = 2, className, ...rest }: IconProps): JSX.Element {
    const [sign, setSign] = useState(() => known.get(name));
    useEffect(() => {
      if (sign !== undefined) return;
      let isGone = false;
      void port.sign(name).then((found) => {
        known.set(name, found);
        if (!isGone) setSign(found);
      });
      return () => {
        isGone = true;
      };
    }, [sign]);
    return (
      <svg
        xmlns="http://www.w3.org/2000/svg"
        viewBox="0 0 24 24"
        width={size}
        height={size}
        fill="none"
        stroke="currentColor"
        strokeWidth={absoluteStrokeWidth ? (Number(strokeWidth) * 24) / Number(size) : strokeWidth}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        {...rest}
        className={`lucide ${className ?? ""}`}
      >
        {sign?.map(([tag, attributes], at) => createElement(tag, { ...attributes, key: at }))}
      </svg>
    );
  }
  Icon.displayName = name;
  return Icon;
}
