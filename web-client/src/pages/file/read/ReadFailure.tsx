// Why the last attempt to read a file has failed.

export function ReadFailure({ text }: { text: string }) {
  return (
    <div className="banner file-failure" role="alert" data-testid="file-failure">
      <p>{text}</p>
    </div>
  );
}
