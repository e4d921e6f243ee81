// The rules of where code may reach. A new kind of reach needs a new rule here, not an exception.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = __dirname;
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("bindings/"));
const programs = files.filter((path) => !/\.test\.tsx?$/.test(path) && !/^(testing|fixtures)\//.test(path));

/** What a file imports: packages by name, its own by their place under `src`. */
function importsOf(path: string): string[] {
  const text = readFileSync(join(SRC, path), "utf8");
  const named = [...text.matchAll(/(?:from\s+|import\s+|import\()"([^"]+)"/g)].map((match) => match[1] ?? "");
  return named.map((name) =>
    name.startsWith(".") ? relative(SRC, resolve(SRC, dirname(path), name)).replaceAll("\\", "/") : name,
  );
}

function offenders(of: string[], bad: (imported: string, path: string) => boolean): string[] {
  return of.flatMap((path) =>
    importsOf(path)
      .filter((imported) => bad(imported, path))
      .map((imported) => `${path} imports ${imported}`),
  );
}

const featureOf = (path: string) => path.match(/^features\/([^/]+)\//)?.[1];

describe("the rules of the house", () => {
  it("finds the files that it is about", () => {
    expect(files.length).toBeGreaterThan(80);
    expect(importsOf("lib/shell/tauri.ts")).toContain("@tauri-apps/api/event");
  });

  it("lets one file speak to the desktop", () => {
    const others = files.filter((path) => path !== "lib/shell/tauri.ts");
    expect(offenders(others, (imported) => imported.startsWith("@tauri-apps/"))).toEqual([]);
  });

  it("takes what is generated in two places: the commands in the shell's desktop, the types in its surface", () => {
    const others = programs.filter((path) => !["lib/shell/tauri.ts", "lib/shell/shell.ts"].includes(path));
    expect(offenders(others, (imported) => imported.startsWith("bindings"))).toEqual([]);
  });

  it("keeps features apart", () => {
    const features = files.filter(featureOf);
    const bad = (imported: string, path: string) => {
      const other = featureOf(`${imported}/`) ?? featureOf(imported);
      return other !== undefined && other !== featureOf(path);
    };
    expect(offenders(features, bad)).toEqual([]);
  });

  it("composes features in one file", () => {
    const others = programs.filter((path) => path !== "routes.tsx" && !featureOf(path));
    expect(offenders(others, (imported) => imported.startsWith("features/"))).toEqual([]);
  });

  it("keeps components from knowing the product", () => {
    const components = programs.filter((path) => path.startsWith("components/"));
    const bad = (imported: string) => imported.startsWith("features/") || imported.startsWith("lib/shell");
    expect(offenders(components, bad)).toEqual([]);
  });

  it("keeps the signing window apart from the rooms", () => {
    const signing = programs.filter((path) => featureOf(path) === "signing");
    const known = /^(react|react-dom\/client|#shell|components\/|features\/signing|lib\/|styles\/|\.\/)/;
    expect(offenders(signing, (imported) => !known.test(imported))).toEqual([]);
  });

  it("keeps samples out of the program", () => {
    const others = programs.filter((path) => path !== "lib/shell/browser.ts");
    const bad = (imported: string) => /^(fixtures|testing)\//.test(imported) || imported === "lib/shell/browser";
    expect(offenders(others, bad)).toEqual([]);
  });

  it("takes the host from the build in the two entries only", () => {
    const others = files.filter((path) => !["main.tsx", "features/signing/main.tsx"].includes(path));
    expect(offenders(others, (imported) => imported === "#shell")).toEqual([]);
  });

  it("stays within the content security policy: nothing inline, nothing from elsewhere", () => {
    for (const page of ["index.html", "signing.html"]) {
      const text = readFileSync(join(SRC, "..", page), "utf8");
      expect(text).not.toMatch(/<style|style=|<script(?![^>]*src=)|https?:/);
    }
    const text = (path: string) => readFileSync(join(SRC, path), "utf8");
    const inline = programs.filter((path) => /dangerouslySetInnerHTML|\bfetch\(|innerHTML|\beval\(/.test(text(path)));
    expect(inline).toEqual([]);
  });

  it("keeps every file short enough to be read", () => {
    const lines = (path: string) => readFileSync(join(SRC, path), "utf8").split("\n").length;
    expect(files.filter((path) => lines(path) > 400)).toEqual([]);
  });
});
