import type { ComponentProps, JSX } from "react";
import { cn } from "./cn";
import { part } from "./part";

export function Table({ className, ...rest }: ComponentProps<"table">): JSX.Element {
  return (
    <div className="ui-table-frame">
      <table {...rest} className={cn("ui-table", className)} />
    </div>
  );
}

export const TableHeader = part("thead", "ui-table-header");
export const TableBody = part("tbody", "ui-table-body");
export const TableFooter = part("tfoot", "ui-table-footer");
export const TableRow = part("tr", "ui-table-row");
export const TableHead = part("th", "ui-table-head");
export const TableCell = part("td", "ui-table-cell");
export const TableCaption = part("caption", "ui-table-caption");
