import errors = require("../../core/errors.js");

export = errors.JsonWebTokenError;
