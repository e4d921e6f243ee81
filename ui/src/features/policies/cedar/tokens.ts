// How Cedar's two languages are coloured: policies and schemas. A tokenizer by line, because Cedar has nothing that
// spans lines but strings, which may not. It colours; whether the text is right is for the engine to say.
import { LanguageSupport, StreamLanguage, type StreamParser } from "@codemirror/language";

type State = { after: "nothing" | "dot" };

const policyWords = new Set(["permit", "forbid", "when", "unless", "if", "then", "else", "in", "has", "like", "is"]);
export const schemaWords = new Set([
  "entity",
  "action",
  "type",
  "appliesTo",
  "in",
  "enum",
  "tags",
  "namespace",
  "attributes",
]);
export const schemaTypes = new Set(["Long", "String", "Bool", "Set", "datetime", "duration", "ipaddr", "decimal"]);
const variables = new Set(["principal", "action", "resource", "context"]);

const parser = (name: string, words: Set<string>, isSchema: boolean): StreamParser<State> => ({
  name,
  startState: () => ({ after: "nothing" }),
  copyState: (state) => ({ ...state }),
  languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  token: (stream, state) => {
    if (stream.eatSpace()) return null;
    const { after } = state;
    state.after = "nothing";
    if (stream.match("//")) {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.peek() === '"') return stream.match(/^"(?:[^"\\]|\\.)*"/) ? "string" : unclosed(stream);
    if (stream.match(/^\d+/)) return "number";
    if (stream.match(/^[@?][A-Za-z_]\w*/)) return "meta";
    if (stream.match(/^[A-Za-z_]\w*/)) {
      const word = stream.current();
      if (after === "dot") return "propertyName";
      if (stream.match(/^\s*::/, false)) return "typeName";
      if (isSchema && stream.match(/^\s*\??\s*:(?!:)/, false)) return "propertyName";
      if (words.has(word)) return "keyword";
      if (word === "true" || word === "false") return "bool";
      if (!isSchema && variables.has(word)) return "variableName";
      return (isSchema && schemaTypes.has(word)) || /^[A-Z]/.test(word) ? "typeName" : "variableName";
    }
    if (stream.eat(".")) {
      state.after = "dot";
      return "operator";
    }
    if (stream.match(/^(?:&&|\|\||==|!=|<=|>=|::|[-<>!+*])/)) return "operator";
    return stream.match(/^[()[\]{},;:?=]/) ? "punctuation" : unknown(stream);
  },
});

function unclosed(stream: { skipToEnd(): void }): string {
  stream.skipToEnd();
  return "invalid";
}

function unknown(stream: { next(): unknown }): string {
  stream.next();
  return "invalid";
}

/** The language of policies and invariants. */
export const cedarPolicies = new LanguageSupport(StreamLanguage.define(parser("cedar", policyWords, false)));

/** The language of schemas. */
export const cedarSchema = new LanguageSupport(StreamLanguage.define(parser("cedarschema", schemaWords, true)));
