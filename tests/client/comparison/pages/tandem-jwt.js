import { browserSession } from "tandem-jwt/client";

const session = browserSession();
const show = ({ status, claims }) => {
  document.title = status === "signed-in" ? `Hello, ${claims.name}` : "Signed out";
};
session.subscribe(() => show(session.getSnapshot()));
show(session.getSnapshot());
export const signIn = (email, password) => session.signIn({ email, password });
export const signOut = () => session.signOut();
export const call = () => session.fetch("/api/orders");
