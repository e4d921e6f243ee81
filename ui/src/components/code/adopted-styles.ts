// The editor brings its own rules of style. By default it writes them into a <style> element, which the content
// security policy refuses, and it uses a constructed style sheet only where the document has no head. So the first view
// is made while the document seems to have none; from then on the library keeps to that sheet.

let adopted = false;

/** Makes a view; the first one so that its styles are adopted and not written into the page. */
export function withAdoptedStyles<T>(make: () => T): T {
  if (adopted || !("adoptedStyleSheets" in document)) return make();
  adopted = true;
  Object.defineProperty(document, "head", { configurable: true, get: () => null });
  try {
    return make();
  } finally {
    Reflect.deleteProperty(document, "head");
  }
}
