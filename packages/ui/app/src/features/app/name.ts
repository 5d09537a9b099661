import { useAppInfo } from "@convo/react";
import { config } from "../../config";

/** What the app calls itself; a profile may have another name. */
export function useAppName(): string {
  return useAppInfo()?.name || config.name;
}
