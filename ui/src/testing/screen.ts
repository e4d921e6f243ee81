// What is on screen, as a test says. jsdom lays nothing out.

type Watch = { callback: IntersectionObserverCallback; element: Element; observer: IntersectionObserver };

let watches: Watch[] = [];

/** An empty screen: nothing that is watched has been seen. */
export function newScreen(): void {
  watches = [];
  globalThis.IntersectionObserver = class {
    readonly root = null;
    readonly rootMargin = "";
    readonly scrollMargin = "";
    readonly thresholds = [];
    #callback: IntersectionObserverCallback;
    constructor(callback: IntersectionObserverCallback) {
      this.#callback = callback;
    }
    observe(element: Element) {
      watches.push({ callback: this.#callback, element, observer: this });
    }
    unobserve() {}
    disconnect() {
      watches = watches.filter((watch) => watch.observer !== this);
    }
    takeRecords() {
      return [];
    }
  };
}

/** Scrolls everything that is watched into view. */
export function scrollToTheEnd(): void {
  for (const { callback, element, observer } of [...watches]) {
    callback([{ isIntersecting: true, target: element } as unknown as IntersectionObserverEntry], observer);
  }
}

/** Places an element on or off the screen. */
export function place(element: Element, on: boolean): void {
  const top = on ? 100 : 5_000;
  element.getBoundingClientRect = () => new DOMRect(0, top, 600, 400);
}
