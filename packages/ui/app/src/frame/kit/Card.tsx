import { part } from "./part";

export const Card = part("div", "ui-card");
export const CardHeader = part("div", "ui-card-header");
export const CardTitle = part("h3", "ui-card-title");
export const CardDescription = part("p", "ui-card-description");
export const CardContent = part("div", "ui-card-content");
export const CardFooter = part("div", "ui-card-footer");
export const CardAction = part("div", "ui-card-action");
