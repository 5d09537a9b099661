declare module "virtual:pdfjs" {
  /** Where pdf.js finds its own files; ends with a slash. */
  export const folder: string;
}
