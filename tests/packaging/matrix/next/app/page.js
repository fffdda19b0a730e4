import { Program } from "./program";

export default function Page() {
  return <Program />;
}
