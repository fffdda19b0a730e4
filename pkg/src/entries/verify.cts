// What programs get by `require("jsonwebtoken/verify")`: the function itself.

import api = require("../jwt/index.js");

// By its name: the compiler would else write the type out, in terms that older compilers do not know.
const verify: api.Verify = api.verify;

export = verify;
