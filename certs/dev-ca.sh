#!/usr/bin/env bash
# Makes a development CA and one certificate, for trying a gateway without `bitrix-id demo`.
#
#   certs/dev-ca.sh [--out DIR] [NAME…]
#
# NAME is a DNS name, a wildcard or an IP address; default: the hosts of the demo. Writes to DIR (default:
# certs/out beside this script):
#   ca.pem             trust this one (and remove it again when done)
#   ca-key.pem         signs; stays here, mode 0600
#   fullchain.pem      for `chain` in [tls]
#   key.pem            for `key` in [tls], mode 0600
# The CA is kept between runs; the certificate is made anew, for 90 days.
set -euo pipefail
umask 077

out="$(cd "$(dirname "$0")" && pwd)/out"
if [[ ${1:-} == --out ]]; then
    out=${2:?--out takes a directory}
    shift 2
fi
if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0" >&2
    exit 2
fi
names=("$@")
((${#names[@]})) || names=(bitrix24.localhost "*.bitrix24.localhost" portal.initech.localhost)

command -v openssl >/dev/null || {
    echo "openssl is missing" >&2
    exit 1
}
mkdir -p "$out"
cd "$out"

if [[ ! -s ca.pem || ! -s ca-key.pem ]]; then
    openssl ecparam -name prime256v1 -genkey -noout -out ca-key.pem
    # RFC 5280: a CA says so, and what its key may do.
    openssl req -x509 -new -sha256 -key ca-key.pem -days 825 -out ca.pem \
        -subj "/CN=Bitrix ID development CA ($(hostname))" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign"
fi

alternatives=()
for name in "${names[@]}"; do
    if [[ $name == *:* || $name =~ ^[0-9.]+$ ]]; then
        alternatives+=("IP:$name")
    else
        alternatives+=("DNS:$name")
    fi
done
subject_alt_name=$(IFS=,; echo "${alternatives[*]}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key.pem"
openssl req -new -sha256 -key "$work/key.pem" -subj "/CN=${names[0]}" -out "$work/leaf.csr"
cat >"$work/extensions" <<EXTENSIONS
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $subject_alt_name
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
EXTENSIONS
openssl x509 -req -sha256 -in "$work/leaf.csr" -CA ca.pem -CAkey ca-key.pem \
    -set_serial "0x$(openssl rand -hex 16)" -days 90 -extfile "$work/extensions" \
    -out "$work/leaf.pem" 2>"$work/messages" || {
    cat "$work/messages" >&2
    exit 1
}
# By rename, so that a running gateway that watches the files never reads half a pair for long.
cat "$work/leaf.pem" >fullchain.pem.new
mv "$work/key.pem" key.pem
mv fullchain.pem.new fullchain.pem
chmod 0644 ca.pem fullchain.pem
echo "$out/fullchain.pem: ${names[*]}" >&2
