// What programs get by `require("jsonwebtoken/sign")`: the function itself.

import api = require("../jwt/index.js");

// By its name: the compiler would else write the type out, in terms that older compilers do not know.
const sign: api.Sign = api.sign;

export = sign;
