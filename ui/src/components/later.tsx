// A part that is loaded when it is first shown, so that what is heavy does not delay the first paint.
import { type ComponentType, lazy, Suspense } from "react";
import { Loading } from "./Blank";

/** `what` names it while it is loaded. */
export function later<P extends object>(what: string, load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Late = lazy(async () => ({ default: await load() }));
  return function Later(props: P) {
    return (
      <Suspense fallback={<Loading what={what} />}>
        <Late {...props} />
      </Suspense>
    );
  };
}
