import type { Letter, Sign } from "virtual:lucide";
import { createElement, type JSX, useEffect, useState } from "react";
import { config } from "../config";
import { type Part, part } from "./part";

interface IconProps {
  /** A Lucide name (`image-plus`, `ImagePlus`), or the address of an image. What is neither is a ring: the place is not empty. */
  readonly name: string | null | undefined;
  readonly small?: boolean;
}

/** A sign an author chose. It says nothing to a screen reader: its button or neighbour carries the words. */
export function Icon({ name, small = false }: IconProps): JSX.Element | null {
  const className = small ? "glyph glyph-small" : "glyph";
  if (!name) return null;
  const address = imageAddress(name);
  if (address !== undefined) return <Picture key={address} address={address} className={className} />;
  return <Drawn key={name} name={kebab(name)} className={className} />;
}

function Picture({ address, className }: { address: string; className: string }): JSX.Element | null {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <Ring className={className} />;
  return <img className={`${className} glyph-image`} src={address} alt="" onError={() => setIsBroken(true)} />;
}

function Drawn({ name, className }: { name: string; className: string }): JSX.Element | null {
  const [sign, setSign] = useState<Sign | null | undefined>(() => known.get(name));
  useEffect(() => {
    if (sign !== undefined) return;
    let isGone = false;
    void drawn(name).then((found) => {
      if (!isGone) setSign(found);
    });
    return () => {
      isGone = true;
    };
  }, [name, sign]);
  if (sign === null) return <Ring className={className} />;
  return (
    <svg className={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {sign?.map(([tag, attributes], at) => createElement(tag, { ...attributes, key: at }))}
    </svg>
  );
}

/** For what cannot be drawn. */
function Ring({ className }: { className: string }): JSX.Element {
  return (
    <svg className={className} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle cx="12" cy="12" r="6.5" />
    </svg>
  );
}

const known = new Map<string, Sign | null>();
const index = part(() => import("virtual:lucide"));
const letters = new Map<string, Part<Letter>>();

/** The drawing of that name, in whatever case; `null` if there is none. */
export function signOf(name: string): Promise<Sign | null> {
  return drawn(kebab(name));
}

async function drawn(name: string): Promise<Sign | null> {
  try {
    const signs = (await letterOf(name))?.signs ?? {};
    const sign = Object.hasOwn(signs, name) ? (signs[name] ?? null) : null;
    known.set(name, sign);
    return sign;
  } catch {
    return null;
  }
}

async function letterOf(name: string): Promise<Letter | undefined> {
  const first = name.charAt(0);
  const load = (await index()).letters[first];
  if (load === undefined) return undefined;
  const letter = letters.get(first) ?? part(load);
  letters.set(first, letter);
  return letter();
}

/** Where an image lies, if `name` is an address: elsewhere by HTTPS, or in the app's own folder `public`. */
export function imageAddress(name: string): string | undefined {
  if (/^(https?:\/\/|data:image\/)/i.test(name)) return name;
  return name.includes("/") ? `${config.root}/${name.replace(/^\/+/, "")}` : undefined;
}

function kebab(name: string): string {
  return name
    .replace(/([a-z])([A-Z0-9])/g, "$1-$2")
    .replace(/([0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/[\s_]+/g, "-")
    .toLowerCase();
}
