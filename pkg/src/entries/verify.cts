// What programs get by `require("jsonwebtoken/verify")`: the function itself.

import verifying = require("../jwt/verify.js");

export = verifying.verify;
