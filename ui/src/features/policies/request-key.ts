// One key for one request, however often it is sent: pressing twice, or once more after an answer was lost, makes one
// thing. Another request gets another key.
import { useCallback, useRef } from "react";

export function useRequestKey(): (request: unknown) => string {
  const last = useRef({ of: "", key: "" });
  return useCallback((request) => {
    const of = JSON.stringify(request);
    if (last.current.of !== of) {
      const drawn = crypto.getRandomValues(new Uint32Array(4));
      last.current = { of, key: `console-${[...drawn].map((part) => part.toString(36)).join("-")}` };
    }
    return last.current.key;
  }, []);
}
