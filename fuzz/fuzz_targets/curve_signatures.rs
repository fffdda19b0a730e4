#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    tandem_jwt_fuzz::curve_signatures(bytes);
});
