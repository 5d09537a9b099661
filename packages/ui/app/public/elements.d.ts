/**
 * What a custom element of convo may use. Save it beside your components, as `public/elements/convo.d.ts`, and an
 * editor knows the modules below:
 *
 *     curl http://127.0.0.1:8000/elements.d.ts -o public/elements/convo.d.ts
 */

/** What JSON can hold. */
type ConvoProps = object;

interface ConvoActs {
  /** Gives the element other props, for everybody who sees it. Shows at once; goes back and rejects when refused. */
  updateElement(props: ConvoProps): Promise<void>;
  /** Takes the element away. */
  deleteElement(): Promise<void>;
  /** Runs the `action_callback` of that name. Resolves with what it returns; rejects with its error. */
  callAction<Result = unknown>(action: { name: string; payload?: ConvoProps }): Promise<Result>;
  /** Sends a message as the user. */
  sendUserMessage(text: string): Promise<void>;
  /** Answers an `AskElementMessage`, with the element's props if none are given. Rejects when nobody asks. */
  submit(props?: ConvoProps): Promise<void>;
  /** Leaves an `AskElementMessage` without an answer. */
  cancel(): Promise<void>;
}

/** An error of the functions above. */
interface ConvoRequestFailed extends Error {
  name: "RequestFailed";
  /** `invalid`, `not-found`, `too-large`, `rate-limited`, `conflict`, `expired`, `unavailable`, `failed`, `stopped` … */
  code: string;
}

declare module "convo" {
  export interface Element<Props> extends ConvoActs {
    props: Props;
    id: string;
    name: string;
    place: "inline" | "side" | "page";
    /** It is a question that waits for `submit` or `cancel`. */
    isAsked: boolean;
    /** When it waits no longer, as ISO 8601. */
    expiresAt?: string;
  }
  /** The element that this component shows; renders again with each change of it. */
  export function useElement<Props = Record<string, any>>(): Element<Props>;
  /** How the page looks at the moment. */
  export function useTheme(): "light" | "dark";
  export const updateElement: ConvoActs["updateElement"];
  export const deleteElement: ConvoActs["deleteElement"];
  export const callAction: ConvoActs["callAction"];
  export const sendUserMessage: ConvoActs["sendUserMessage"];
  export const submit: ConvoActs["submit"];
  export const cancel: ConvoActs["cancel"];
}

declare module "convo/ui" {
  import type { ComponentProps, ComponentType, ReactNode } from "react";

  type Tag<T extends keyof React.JSX.IntrinsicElements, More = unknown> = ComponentType<ComponentProps<T> & More>;
  type Plain<T extends keyof React.JSX.IntrinsicElements, Names extends string, More = unknown> = ComponentType<
    Omit<ComponentProps<T>, Names> & More
  >;
  type Open = { open?: boolean; defaultOpen?: boolean; onOpenChange?: (open: boolean) => void; children?: ReactNode };
  type Opener = Tag<"button", { asChild?: boolean }>;
  type Laid = Tag<"div", { align?: "start" | "center" | "end"; side?: string; sideOffset?: number }>;
  type Value<T> = {
    value?: T;
    defaultValue?: T;
    onValueChange?: (value: T) => void;
    disabled?: boolean;
    name?: string;
  };
  type Check = {
    checked?: boolean | "indeterminate";
    defaultChecked?: boolean;
    onCheckedChange?: (checked: boolean) => void;
    required?: boolean;
    value?: string;
  };
  type ButtonLook = {
    variant?: "default" | "destructive" | "outline" | "secondary" | "ghost" | "link";
    size?: "default" | "sm" | "lg" | "icon";
  };
  type BadgeLook = { variant?: "default" | "secondary" | "destructive" | "outline" };

  /** Class names in one string. */
  export function cn(...values: unknown[]): string;
  export const Button: Tag<"button", ButtonLook & { asChild?: boolean }>;
  export function buttonVariants(look?: ButtonLook & { className?: string }): string;
  export const Card: Tag<"div">;
  export const CardHeader: Tag<"div">;
  export const CardTitle: Tag<"h3">;
  export const CardDescription: Tag<"p">;
  export const CardAction: Tag<"div">;
  export const CardContent: Tag<"div">;
  export const CardFooter: Tag<"div">;
  export const Input: Tag<"input">;
  export const Textarea: Tag<"textarea">;
  export const Label: Tag<"label">;
  export const Checkbox: Plain<"button", "value" | "onChange", Check>;
  export const Switch: Plain<"button", "value" | "onChange", Check>;
  export const Slider: Plain<
    "div",
    "defaultValue" | "onChange",
    Value<number[]> & { min?: number; max?: number; step?: number; onValueCommit?: (value: number[]) => void }
  >;
  export const RadioGroup: Plain<"div", "defaultValue" | "onChange", Value<string>>;
  export const RadioGroupItem: Plain<"input", "value", { value: string }>;
  export const Select: ComponentType<Value<string> & { required?: boolean; children?: ReactNode }>;
  export const SelectTrigger: Tag<"div">;
  export const SelectValue: ComponentType<{ placeholder?: ReactNode; className?: string }>;
  export const SelectContent: Tag<"div">;
  export const SelectItem: Tag<"span", { value: string; disabled?: boolean }>;
  export const SelectGroup: Tag<"div">;
  export const SelectLabel: Tag<"div">;
  export const SelectSeparator: Tag<"div">;
  export const Tabs: Plain<"div", "defaultValue" | "onChange", Value<string>>;
  export const TabsList: Tag<"div">;
  export const TabsTrigger: Tag<"button", { value: string }>;
  export const TabsContent: Tag<"div", { value: string }>;
  export const Accordion: Plain<
    "div",
    "defaultValue" | "onChange",
    { collapsible?: boolean } & (({ type?: "single" } & Value<string>) | ({ type: "multiple" } & Value<string[]>))
  >;
  export const AccordionItem: Tag<"div", { value: string }>;
  export const AccordionTrigger: Tag<"button">;
  export const AccordionContent: Tag<"div">;
  export const Badge: Tag<"span", BadgeLook>;
  export function badgeVariants(look?: BadgeLook & { className?: string }): string;
  export const Alert: Tag<"div", { variant?: "default" | "destructive" }>;
  export const AlertTitle: Tag<"h5">;
  export const AlertDescription: Tag<"div">;
  export const Avatar: Tag<"span">;
  export const AvatarImage: Tag<"img">;
  export const AvatarFallback: Tag<"span">;
  export const Table: Tag<"table">;
  export const TableHeader: Tag<"thead">;
  export const TableBody: Tag<"tbody">;
  export const TableFooter: Tag<"tfoot">;
  export const TableRow: Tag<"tr">;
  export const TableHead: Tag<"th">;
  export const TableCell: Tag<"td">;
  export const TableCaption: Tag<"caption">;
  export const Progress: Tag<"div", { value?: number | null; max?: number }>;
  export const Separator: Tag<"div", { orientation?: "horizontal" | "vertical"; decorative?: boolean }>;
  export const Skeleton: Tag<"div">;
  export const ScrollArea: Tag<"div">;
  export const ScrollBar: ComponentType<{ orientation?: string }>;
  export const AspectRatio: Tag<"div", { ratio?: number }>;
  export const Popover: ComponentType<Open>;
  export const PopoverTrigger: Opener;
  export const PopoverContent: Laid;
  export const PopoverAnchor: Tag<"span">;
  export const DropdownMenu: ComponentType<Open>;
  export const DropdownMenuTrigger: Opener;
  export const DropdownMenuContent: Laid;
  export const DropdownMenuItem: Plain<"button", "onSelect", { onSelect?: (event: Event) => void }>;
  export const DropdownMenuLabel: Tag<"div">;
  export const DropdownMenuSeparator: Tag<"div">;
  export const DropdownMenuGroup: Tag<"div">;
  export const DropdownMenuShortcut: Tag<"span">;
  export const Tooltip: ComponentType<Open & { delayDuration?: number }>;
  export const TooltipTrigger: Opener;
  export const TooltipContent: Laid;
  export const TooltipProvider: ComponentType<{ children?: ReactNode; delayDuration?: number }>;
  export const HoverCard: ComponentType<Open & { openDelay?: number; closeDelay?: number }>;
  export const HoverCardTrigger: Opener;
  export const HoverCardContent: Laid;
  export const Dialog: ComponentType<Open>;
  export const DialogTrigger: Opener;
  export const DialogClose: Opener;
  export const DialogPortal: ComponentType<{ children?: ReactNode }>;
  export const DialogContent: Tag<"div">;
  export const DialogHeader: Tag<"div">;
  export const DialogFooter: Tag<"div">;
  export const DialogTitle: Tag<"h2">;
  export const DialogDescription: Tag<"p">;
  export const Sheet: ComponentType<Open>;
  export const SheetTrigger: Opener;
  export const SheetClose: Opener;
  export const SheetContent: Tag<"div", { side?: string }>;
  export const SheetHeader: Tag<"div">;
  export const SheetFooter: Tag<"div">;
  export const SheetTitle: Tag<"h2">;
  export const SheetDescription: Tag<"p">;
}

/* The same, by the names of shadcn/ui: `@/components/ui/card` has `Card` and its parts. */
declare module "@/components/ui/*" {
  export * from "convo/ui";
}
declare module "@/lib/utils" {
  export { cn } from "convo/ui";
}

/* What stands ready without an import. */
declare const props: Record<string, any>;
declare const updateElement: ConvoActs["updateElement"];
declare const deleteElement: ConvoActs["deleteElement"];
declare const callAction: ConvoActs["callAction"];
declare const sendUserMessage: ConvoActs["sendUserMessage"];
declare const submit: ConvoActs["submit"];
declare const cancel: ConvoActs["cancel"];
declare const submitElement: ConvoActs["submit"];
declare const cancelElement: ConvoActs["cancel"];
