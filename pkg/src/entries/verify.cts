// What programs get by `require("jsonwebtoken/verify")`: the function itself.

import api = require("../jwt/index.js");

export = api.verify;
