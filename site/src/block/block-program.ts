import type { CodeBlock } from "./code-block.ts";

/** The file that a block of code is checked as. */
export interface BlockProgram {
  /** The file's name in the folder of the block's page: the name in the block's first line, else its line. */
  name: string;
  text: string;
  /** How many lines of the file come before the block's first line. */
  linesBefore: number;
}

const LANGUAGES = new Set(["ts", "js"]);

/** Whether a block is TypeScript or JavaScript that is to be checked. */
export function isChecked({ language, check }: CodeBlock): boolean {
  return LANGUAGES.has(language) && check?.kind !== "skip";
}

/**
 * Returns the program of a block. Names that a package exports are imported, unless the block imports or declares them.
 * Other names that the block does not declare are those of `placeholders/globals.d.ts`.
 *
 * @param exported the module of each name that a block may use without an import
 */
export function blockProgram(block: CodeBlock, exported: ReadonlyMap<string, string>): BlockProgram {
  const { check, code } = block;
  const around = check?.kind === "around" ? check.code : "$block";
  const [before = "", after = ""] = around.split("$block");
  const declarations = check?.kind === "with" ? check.code : "";
  const whole = declarations + before + code + after;
  const head = `${importsFor(whole, exported)}export {};\n${declarations}${before}`;
  return {
    name: /^\/\/ (\S+\.[cm]?[jt]sx?)$/m.exec(code.split("\n", 1)[0] ?? "")?.[1] ?? `line-${block.line}.ts`,
    text: head + code + after,
    linesBefore: head.split("\n").length - 1,
  };
}

function importsFor(code: string, exported: ReadonlyMap<string, string>): string {
  const own = declaredNames(code);
  const used = new Set(code.match(/(?<![.\w$"'-])[A-Za-z_$][\w$]*/g));
  return [...used]
    .flatMap((name) => {
      const from = exported.get(name);
      if (from === undefined || own.has(name)) return [];
      return from === "pg" && name === "pg"
        ? [`import pg from "pg";\n`]
        : [`import { ${name} } from "${from}";\n`];
    })
    .join("");
}

/** The names that a text imports or declares by itself. */
function declaredNames(code: string): ReadonlySet<string> {
  const imported = [...code.matchAll(/^import ([^;]*?) from /gm)].flatMap(([, names = ""]) => words(names));
  const declared = [
    ...code.matchAll(/\b(?:const|let|var|function|class|interface|type|enum) +([A-Za-z_$][\w$]*)/g),
  ];
  const taken = [...code.matchAll(/\b(?:const|let) +[{[]([^=]*?)[}\]] *=/g)].flatMap(([, names = ""]) =>
    words(names),
  );
  return new Set([...imported, ...declared.map(([, name = ""]) => name), ...taken]);
}

/** The names that a list binds: of `a as b` and `a: b`, the second one. */
function words(names: string): string[] {
  return names
    .replace(/[A-Za-z_$][\w$]*(?: as |: ?)(?=[A-Za-z_$])/g, "")
    .split(/[^\w$]+/)
    .filter((name) => name !== "" && name !== "type");
}
