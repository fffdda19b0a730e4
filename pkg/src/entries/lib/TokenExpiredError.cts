import errors = require("../../core/errors.js");

export = errors.TokenExpiredError;
