// What jsdom lacks of a browser, as little as the components need.
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { newScreen } from "./screen";

// A modal is modelled as open; that it makes the rest inert is the browser's part.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
Element.prototype.scrollIntoView = () => {};
Element.prototype.scrollTo = () => {};
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener() {},
    removeListener() {},
  }) as MediaQueryList;

// The code editor measures its text; here all of it is in one place.
Range.prototype.getClientRects = () => Object.assign([], { item: () => null }) as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => new DOMRect();

// Its rules of style go into a sheet that draws nothing, as they go into an adopted one elsewhere.
globalThis.CSSStyleSheet = class {
  insertRule() {
    return 0;
  }
} as unknown as typeof CSSStyleSheet;
document.adoptedStyleSheets = [];

// Everything has a size, so that virtual lists show rows.
Object.defineProperty(Element.prototype, "clientHeight", { get: () => 800 });
Object.defineProperty(Element.prototype, "clientWidth", { get: () => 800 });

configure({ asyncUtilTimeout: 30_000 });

beforeEach(() => {
  newScreen();
  localStorage.clear();
  window.location.hash = "";
});
afterEach(cleanup);
