/** Endings of files that are not the name of their language. */
const endings: Readonly<Record<string, string>> = {
  bash: "sh",
  "c++": "cpp",
  csharp: "cs",
  javascript: "js",
  kotlin: "kt",
  latex: "tex",
  makefile: "mk",
  markdown: "md",
  mermaid: "mmd",
  perl: "pl",
  plaintext: "txt",
  powershell: "ps1",
  python: "py",
  ruby: "rb",
  rust: "rs",
  shell: "sh",
  text: "txt",
  typescript: "ts",
  zsh: "sh",
};

const NAME = /[\w.+-]{1,80}\.[A-Za-z]\w{0,9}|(?:Dockerfile|Makefile)/;

/**
 * What a block of code is, from the words behind its fence (`python`, `ts title="app/main.ts"`, `py:app.py`) and its
 * first line. `file` is the name it is downloaded as, `title` the name it gives itself.
 */
export function codeFile(
  info: string | undefined,
  code: string,
): { readonly language: string | undefined; readonly title: string | undefined; readonly file: string } {
  const language = /^[^\s{:,=]+/.exec(info?.trim() ?? "")?.[0];
  const told = info?.slice(language?.length ?? 0);
  const title =
    nameIn(/(?:^|[\s{:,])(?:title|file|filename|name)=["']?([^"'\s}]{1,200})/i.exec(told ?? "")?.[1]) ??
    nameIn(/^:([^\s]{1,200})/.exec(told ?? "")?.[1]);
  const line = /^[ \t]*(?:#|\/\/|--|;|<!--|\/\*)[ \t]*([^\s*]{1,200})[ \t]*(?:-->|\*\/)?[ \t]*$/.exec(
    firstLine(code),
  )?.[1];
  const name = language?.toLowerCase() ?? "txt";
  const ending = endings[name] ?? /^[a-z]\w{0,9}$/.exec(name)?.[0] ?? "txt";
  return { language, title, file: title ?? nameIn(line) ?? `code.${ending}` };
}

/** The last part of a path, if it looks like the name of a file. */
function nameIn(path: string | undefined): string | undefined {
  const name = path?.split(/[\\/]/).at(-1) ?? "";
  return NAME.exec(name)?.[0] === name && name !== "" ? name : undefined;
}

function firstLine(code: string): string {
  const end = code.indexOf("\n");
  return code.slice(0, end < 0 ? 300 : Math.min(end, 300));
}
