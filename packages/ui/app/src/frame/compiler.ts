import { transform } from "sucrase";

/** JSX and TypeScript to what the frame runs. Lines stay where they are. */
window.convoFrame.parts.compiler = {
  compile: (source, file) =>
    transform(source, {
      transforms: ["jsx", "typescript", "imports"],
      filePath: file,
      production: true,
      jsxRuntime: "classic",
    }).code,
};
