// Well-known issuers, as data. Words in braces are yours to fill in.

import type { Algorithm } from "../jwt/types.js";

/** Where an issuer publishes what, and what is odd about its tokens. */
export interface IssuerPreset {
  /** The exact `iss` of its tokens, whose slash at the end counts. */
  readonly issuer: string;
  /** The address of its keys. */
  readonly jwks: string;
  /** The algorithms that its tokens have. No others are accepted, whatever its keys could verify. */
  readonly algorithms: readonly Algorithm[];
  /** Further checks that its tokens need. */
  readonly note?: string;
  /** The issuer's own page that says so. */
  readonly source: string;
}

/** The table: each entry gives `issuer`, the address of its keys and its algorithms. */
export const ISSUERS = {
  auth0: {
    issuer: "https://{domain}/",
    jwks: "https://{domain}/.well-known/jwks.json",
    algorithms: ["RS256"],
    note: "the issuer ends with a slash",
    source: "https://auth0.com/docs/secure/tokens/json-web-tokens/json-web-key-sets",
  },
  cognito: {
    issuer: "https://cognito-idp.{region}.amazonaws.com/{userPoolId}",
    jwks: "https://cognito-idp.{region}.amazonaws.com/{userPoolId}/.well-known/jwks.json",
    algorithms: ["RS256"],
    note: 'access tokens have no aud: compare client_id, and token_use with "access"',
    source:
      "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html",
  },
  entraV2: {
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    jwks: "https://login.microsoftonline.com/{tenantid}/discovery/v2.0/keys",
    algorithms: ["RS256"],
    note: "for several tenants use common for {tenantid} in jwks, and trustIssuers with their list",
    source: "https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens",
  },
  entraV1: {
    issuer: "https://sts.windows.net/{tenantid}/",
    jwks: "https://login.microsoftonline.com/{tenantid}/discovery/keys",
    algorithms: ["RS256"],
    note: "the application's manifest decides between v1 and v2; this issuer ends with a slash",
    source: "https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens",
  },
  google: {
    issuer: "https://accounts.google.com",
    jwks: "https://www.googleapis.com/oauth2/v3/certs",
    algorithms: ["RS256"],
    note: "ID tokens; access tokens are not JWTs",
    source: "https://developers.google.com/identity/openid-connect/openid-connect",
  },
  firebase: {
    issuer: "https://securetoken.google.com/{projectId}",
    jwks: "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com",
    algorithms: ["RS256"],
    note: "a map of names to certificates; aud is the project's id",
    source: "https://firebase.google.com/docs/auth/admin/verify-id-tokens",
  },
  keycloak: {
    issuer: "https://{host}/realms/{realm}",
    jwks: "https://{host}/realms/{realm}/protocol/openid-connect/certs",
    algorithms: ["RS256"],
    note: "the set also holds a key to encrypt, which is passed over",
    source: "https://www.keycloak.org/securing-apps/oidc-layers",
  },
  okta: {
    issuer: "https://{domain}/oauth2/{authorizationServer}",
    jwks: "https://{domain}/oauth2/{authorizationServer}/v1/keys",
    algorithms: ["RS256"],
    source: "https://developer.okta.com/docs/guides/validate-access-tokens/",
  },
  supabase: {
    issuer: "https://{project}.supabase.co/auth/v1",
    jwks: "https://{project}.supabase.co/auth/v1/.well-known/jwks.json",
    algorithms: ["ES256", "RS256"],
    note: 'only with asymmetric signing keys; aud is "authenticated"',
    source: "https://supabase.com/docs/guides/auth/signing-keys",
  },
  githubActions: {
    issuer: "https://token.actions.githubusercontent.com",
    jwks: "https://token.actions.githubusercontent.com/.well-known/jwks",
    algorithms: ["RS256"],
    note: "compare sub or repository_id too: every workflow of GitHub has tokens of this issuer",
    source: "https://docs.github.com/en/actions/concepts/security/openid-connect",
  },
} as const satisfies Readonly<Record<string, IssuerPreset>>;
