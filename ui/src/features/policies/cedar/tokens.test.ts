import { ensureSyntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { classHighlighter, highlightTree } from "@lezer/highlight";
import { expect, it } from "vitest";
import { liveTexts } from "../../../fixtures/policy-texts";
import { cedarPolicies, cedarSchema } from "./tokens";

/** The coloured words of a text, each with its class. */
function coloured(text: string, language = cedarPolicies): [string, string][] {
  const state = EditorState.create({ doc: text, extensions: [language] });
  const tree = ensureSyntaxTree(state, text.length, 5_000);
  if (!tree) throw new Error("the text was not read to its end");
  const found: [string, string][] = [];
  highlightTree(tree, classHighlighter, (from, to, classes) => found.push([text.slice(from, to), classes]));
  return found;
}

const classOf = (text: string, word: string, language = cedarPolicies) =>
  coloured(text, language).find(([found]) => found === word)?.[1];

it("tells keywords, annotations, types, attributes, texts and numbers of policies apart", () => {
  const text =
    '@id("a") forbid (principal is User, action, resource) when { resource.env == Environment::"prod" && 2 > 1 };';
  expect(classOf(text, "forbid")).toBe("tok-keyword");
  expect(classOf(text, "is")).toBe("tok-keyword");
  expect(classOf(text, "@id")).toBe("tok-meta");
  expect(classOf(text, "User")).toBe("tok-typeName");
  expect(classOf(text, "Environment")).toBe("tok-typeName");
  expect(classOf(text, "env")).toBe("tok-propertyName");
  expect(classOf(text, '"prod"')).toBe("tok-string");
  expect(classOf(text, "2")).toBe("tok-number");
});

it("takes what follows a dot for an attribute, also where it is spelt like a keyword", () => {
  expect(classOf("when { context.in == resource.when };", "in")).toBe("tok-propertyName");
});

it("ends a comment with its line, and a text that is not closed too", () => {
  expect(coloured("// permit\npermit").map(([, classes]) => classes)).toEqual(["tok-comment", "tok-keyword"]);
  expect(coloured('"open\npermit').map(([, classes]) => classes)).toEqual(["tok-invalid", "tok-keyword"]);
});

it("knows an escaped quote inside a text", () => {
  expect(classOf('@approvers("Team::\\"sre\\"")', '"Team::\\"sre\\""')).toBe("tok-string");
});

it("tells the words of schemas apart, and names of attributes from types", () => {
  const text =
    'entity User in [Team] { scopes: Set<String>, workspace?: String }; action "a" appliesTo { principal: [User] };';
  expect(classOf(text, "entity", cedarSchema)).toBe("tok-keyword");
  expect(classOf(text, "appliesTo", cedarSchema)).toBe("tok-keyword");
  expect(classOf(text, "scopes", cedarSchema)).toBe("tok-propertyName");
  expect(classOf(text, "workspace", cedarSchema)).toBe("tok-propertyName");
  expect(classOf(text, "Set", cedarSchema)).toBe("tok-typeName");
});

it("finds nothing invalid in a whole set", () => {
  const invalid = (text: string, language = cedarPolicies) =>
    coloured(text, language).filter(([, classes]) => classes.includes("tok-invalid"));
  expect(invalid(liveTexts.policies)).toEqual([]);
  expect(invalid(liveTexts.invariants)).toEqual([]);
  expect(invalid(liveTexts.schema, cedarSchema)).toEqual([]);
});
