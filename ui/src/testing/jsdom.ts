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

// Everything has a size, so that virtual lists show rows.
Object.defineProperty(Element.prototype, "clientHeight", { get: () => 800 });
Object.defineProperty(Element.prototype, "clientWidth", { get: () => 800 });

configure({ asyncUtilTimeout: 10_000 });

beforeEach(() => {
  newScreen();
  localStorage.clear();
  window.location.hash = "";
});
afterEach(cleanup);
