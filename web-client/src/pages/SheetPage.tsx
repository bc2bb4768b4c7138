export function SheetPage({ id }: { id: string }) {
  return <p>{id}</p>;
}
