#!/bin/sh
# The encrypted keys of the corpus, with the cheapest parameters there are: the cost of opening one is not under test.
set -eu
cd "$(dirname "$0")"
vectors=../tests/vectors/openssl
out=corpus/encrypted_keys
mkdir -p "$out"
key="$vectors/prime256v1.pkcs8.pem"
for cipher in aes-128-cbc aes-256-cbc des3; do
  openssl pkcs8 -topk8 -in "$key" -v2 "$cipher" -iter 1 -passout 'pass:correct horse' -out "$out/$cipher.pem"
  openssl pkcs8 -topk8 -in "$key" -v2 "$cipher" -iter 1 -passout 'pass:correct horse' -outform DER -out "$out/$cipher.der"
done
openssl pkcs8 -topk8 -in "$key" -v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 1 -passout 'pass:correct horse' \
  -outform DER -out "$out/sha512.der"
openssl pkcs8 -topk8 -in "$key" -scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 1 -passout 'pass:correct horse' \
  -outform DER -out "$out/scrypt.der"
cp "$vectors/legacy.aes-192-cbc.pem" "$vectors/legacy.des3.pem" "$out"
