// What is shown: text, kind, and the pills of what cannot be typed here.
import type { Ref } from "react";
import { FilterPill } from "../../components/FilterPill";
import { SearchField } from "../../components/SearchField";
import type { AuditPlace } from "../../lib/paths";
import { isKind, kinds } from "./kinds";

type Props = { place: AuditPlace; onPlace: (place: AuditPlace) => void; searchRef: Ref<HTMLInputElement> };

export function AuditFilters({ place, onPlace, searchRef }: Props) {
  const known = place.kind && !isKind(place.kind) ? [place.kind, ...kinds] : kinds;
  return (
    <div className="audit-filters">
      <SearchField
        label="Search entries"
        ref={searchRef}
        text={place.text ?? ""}
        onText={(text) => onPlace({ ...place, text: text || undefined })}
      />
      <select
        className="input"
        aria-label="Kind"
        value={place.kind ?? ""}
        onChange={({ target }) => onPlace({ ...place, kind: target.value || undefined })}
      >
        <option value="">Every kind</option>
        {known.map((kind) => (
          <option key={kind}>{kind}</option>
        ))}
      </select>
      {place.about && (
        <FilterPill label={`about ${place.about}`} on onToggle={() => onPlace({ ...place, about: undefined })} />
      )}
    </div>
  );
}
