import { setHome } from "./home";
import { mountConvoWidget } from "./widget";

const script = document.currentScript;
if (script instanceof HTMLScriptElement) setHome(new URL("..", script.src).href);
Object.assign(globalThis, { mountConvoWidget });
