import { createAuthClient } from "better-auth/client";

const auth = createAuthClient();
auth.useSession.subscribe(({ data, isPending }) => {
  if (isPending) return;
  document.title = data ? `Hello, ${data.user.name}` : "Signed out";
});
export const signIn = (email, password) => auth.signIn.email({ email, password });
export const signOut = () => auth.signOut();
export const call = () => fetch("/api/orders");
