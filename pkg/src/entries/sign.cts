// What programs get by `require("jsonwebtoken/sign")`: the function itself.

import signing = require("../jwt/sign.js");

export = signing.sign;
