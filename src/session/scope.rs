//! Scopes: names with single spaces between them (RFC 6749 §3.3).

/// Whether a text is a scope.
#[must_use]
pub fn is_scope(text: &str) -> bool {
    text.split(' ').all(|name| {
        !name.is_empty()
            && name
                .bytes()
                // Printable ASCII without the quotation mark and the backslash (RFC 6749 appendix A.4).
                .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    })
}

/// Whether every name of a scope was granted.
/// Where nothing was granted, nothing can be asked for. The order of names does not matter (RFC 6749 §3.3).
#[must_use]
pub fn is_within(scope: &str, grant: Option<&str>) -> bool {
    is_scope(scope)
        && grant.is_some_and(|grant| scope.split(' ').all(|name| grant.split(' ').any(|other| other == name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_narrows_and_never_widens() {
        assert!(is_within("read", Some("read write")));
        assert!(is_within("write read", Some("read write")));
        for wider in [
            "admin",
            "read admin",
            "rea",
            "",
            " ",
            "read ",
            " read",
            "read  write",
            "re\"ad",
            "re\\ad",
            "réad",
        ] {
            assert!(!is_within(wider, Some("read write")), "{wider:?}");
        }
        assert!(!is_within("read", None));
    }
}
