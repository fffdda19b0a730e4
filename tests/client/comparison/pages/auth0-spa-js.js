import { createAuth0Client } from "@auth0/auth0-spa-js";

const auth = await createAuth0Client({ domain: "example.eu.auth0.com", clientId: "web" });
const user = await auth.getUser();
document.title = user ? `Hello, ${user.name}` : "Signed out";
export const signIn = () => auth.loginWithRedirect();
export const signOut = () => auth.logout();
export const call = async () =>
  fetch("/api/orders", { headers: { authorization: `Bearer ${await auth.getTokenSilently()}` } });
