// Names that a field proposes while somebody types.
export function Names({ id, options }: { id: string; options: { value: string; name?: string }[] }) {
  return (
    <datalist id={id}>
      {options.map(({ value, name }) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </datalist>
  );
}
