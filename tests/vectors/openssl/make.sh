#!/usr/bin/env bash
# Makes the keys and signatures of this folder anew: throw-away keys, the passphrase stands below.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.pem ./signatures.txt
pass=pass:"correct horse"

openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pkcs8.pem
openssl rsa -in rsa.pkcs8.pem -traditional -out rsa.pkcs1.pem
openssl pkey -in rsa.pkcs8.pem -pubout -out rsa.spki.pem
openssl rsa -in rsa.pkcs8.pem -RSAPublicKey_out -out rsa.pkcs1-public.pem
openssl req -x509 -new -key rsa.pkcs8.pem -subj "/CN=tandem/O=A test" -days 3650 -out rsa.certificate.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa-1024.pkcs8.pem

openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
  -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -out rsa-pss.pkcs8.pem
openssl pkey -in rsa-pss.pkcs8.pem -pubout -out rsa-pss.spki.pem
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss-any.pkcs8.pem

for curve in prime256v1 secp384r1 secp521r1 secp256k1; do
  openssl ecparam -genkey -name "$curve" -out "$curve.sec1.pem"
  openssl pkcs8 -topk8 -nocrypt -in "$curve.sec1.pem" -out "$curve.pkcs8.pem"
  openssl ec -in "$curve.sec1.pem" -pubout -out "$curve.spki.pem"
  # The curve in numbers instead of by name.
  openssl ec -in "$curve.sec1.pem" -param_enc explicit -out "$curve.explicit.sec1.pem"
  openssl ec -in "$curve.sec1.pem" -pubout -param_enc explicit -conv_form compressed -out "$curve.explicit.spki.pem"
done
openssl ec -in prime256v1.sec1.pem -pubout -conv_form compressed -out prime256v1.compressed.pem
openssl req -x509 -new -key prime256v1.pkcs8.pem -subj "/CN=tandem" -days 3650 -out prime256v1.certificate.pem

for cipher in aes-128-cbc aes-192-cbc aes-256-cbc des3; do
  openssl pkcs8 -topk8 -in prime256v1.sec1.pem -v2 "$cipher" -passout "$pass" -out "encrypted.$cipher.pem"
  openssl ec -in prime256v1.sec1.pem "-$cipher" -passout "$pass" -out "legacy.$cipher.pem"
done
for prf in hmacWithSHA1 hmacWithSHA224 hmacWithSHA384 hmacWithSHA512; do
  openssl pkcs8 -topk8 -in prime256v1.sec1.pem -v2 aes-256-cbc -v2prf "$prf" -passout "$pass" -out "encrypted.$prf.pem"
done
openssl pkcs8 -topk8 -in prime256v1.sec1.pem -scrypt -passout "$pass" -out encrypted.scrypt.pem
openssl pkcs8 -topk8 -in prime256v1.sec1.pem -v1 PBE-SHA1-3DES -passout "$pass" -out unsupported.pbes1.pem

openssl genpkey -algorithm ed25519 -out ed25519.pkcs8.pem
openssl pkey -in ed25519.pkcs8.pem -pubout -out ed25519.spki.pem
for type in x25519 x448 ed448; do
  openssl genpkey -algorithm "$type" -out "foreign.$type.pkcs8.pem"
  openssl pkey -in "foreign.$type.pkcs8.pem" -pubout -out "foreign.$type.spki.pem"
done
for curve in secp224r1 brainpoolP256r1; do
  openssl ecparam -genkey -noout -name "$curve" | openssl ec -pubout -out "foreign.$curve.spki.pem"
done
openssl dsaparam -genkey -out foreign.dsa.traditional.pem 1024 2>/dev/null
openssl pkey -in foreign.dsa.traditional.pem -pubout -out foreign.dsa.spki.pem

encode() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
# r || s of fixed width from the DER that OpenSSL writes.
raw() {
  openssl asn1parse -inform DER | sed -n 's/.*INTEGER *:\(.*\)/\1/p' | while read -r digits; do
    printf '%*s' "$1" "$digits" | tr ' ' 0
  done | xxd -r -p
}
printf 'made by OpenSSL' > message.txt
for bits in 256 384 512; do
  echo "RS$bits rsa $(openssl dgst "-sha$bits" -sign rsa.pkcs8.pem message.txt | encode)"
  echo "PS$bits rsa $(openssl dgst "-sha$bits" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
    -sign rsa.pkcs8.pem message.txt | encode)"
done > signatures.txt
{
  echo "PS256 rsa-pss $(openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest \
    -sign rsa-pss.pkcs8.pem message.txt | encode)"
  echo "ES256 prime256v1 $(openssl dgst -sha256 -sign prime256v1.pkcs8.pem message.txt | raw 64 | encode)"
  echo "ES384 secp384r1 $(openssl dgst -sha384 -sign secp384r1.pkcs8.pem message.txt | raw 96 | encode)"
  echo "ES512 secp521r1 $(openssl dgst -sha512 -sign secp521r1.pkcs8.pem message.txt | raw 132 | encode)"
  # Until both values of s have come: low and high ones must verify.
  for _ in 1 2 3 4 5 6; do
    echo "ES256K secp256k1 $(openssl dgst -sha256 -sign secp256k1.pkcs8.pem message.txt | raw 64 | encode)"
  done
  echo "EdDSA ed25519 $(openssl pkeyutl -sign -rawin -inkey ed25519.pkcs8.pem -in message.txt | encode)"
} >> signatures.txt
