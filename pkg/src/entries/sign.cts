// What programs get by `require("jsonwebtoken/sign")`: the function itself.

import api = require("../jwt/index.js");

export = api.sign;
