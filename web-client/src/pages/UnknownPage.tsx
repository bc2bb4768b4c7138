// An address that names nothing.
import { navigate } from "../app/router.ts";
import { Button } from "../ui/Button.tsx";
import { Logo } from "../ui/Logo.tsx";

export function UnknownPage() {
  return (
    <main className="sign">
      <div className="sign-head">
        <Logo />
        <h1>There is nothing here</h1>
        <Button look="primary" onClick={() => navigate("/")}>
          To your sheets
        </Button>
      </div>
    </main>
  );
}
