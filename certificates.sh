#!/bin/sh
# Makes the certificates with which the parts of docker-compose.yml prove themselves to each other.
#
#   sh certificates.sh FOLDER NAME:USER:HOST[,HOST...] ...
#
# FOLDER/trusted/ca.crt is what everybody trusts, and nothing else; FOLDER/NAME/tls.crt and tls.key
# are for the part of that name, the key readable for its user alone. The authority that signs them
# is made for this one run, and its key is forgotten at the end: nobody can sign another.
# They hold for ten years and are made anew once they are a year old, or with FOLDER/trusted/ca.crt
# deleted; until all parts were started again the authority before is trusted too.
set -eu
umask 022
made=$1
shift
valid_days=3650
anew_after_days=365

are_all_young() {
    for part in "$@"; do
        own="$made/${part%%:*}"
        [ -f "$own/tls.key" ] || return 1
        openssl verify -CAfile "$made/trusted/ca.crt" "$own/tls.crt" >/dev/null 2>&1 || return 1
        openssl x509 -in "$own/tls.crt" -noout >/dev/null \
            -checkend $(((valid_days - anew_after_days) * 86400)) || return 1
    done
}

if are_all_young "$@"; then
    echo "The certificates are young enough."
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/authority.cnf" <<END
[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = one-on-ones $(openssl rand -hex 4)
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
END
key="ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
# shellcheck disable=SC2086 -- several words
openssl req -x509 -newkey $key -config "$work/authority.cnf" -days $valid_days \
    -keyout "$work/authority.key" -out "$work/authority.crt" 2>/dev/null

mkdir -p "$made/trusted"
if [ -f "$made/trusted/ca.crt" ]; then # the newest of those trusted so far
    openssl x509 -in "$made/trusted/ca.crt" -out "$work/before.crt"
    cat "$work/authority.crt" "$work/before.crt" >"$made/trusted/ca.new"
else
    cat "$work/authority.crt" >"$made/trusted/ca.new"
fi
mv "$made/trusted/ca.new" "$made/trusted/ca.crt"

for part in "$@"; do
    name=${part%%:*}
    hosts=${part##*:}
    user=${part#*:}
    user=${user%:*}
    own="$made/$name"
    mkdir -p "$own"
    cat >"$work/$name.cnf" <<END
[req]
prompt = no
distinguished_name = name
[name]
CN = $name
[part]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:$(echo "$hosts" | sed 's/,/, DNS:/g')
END
    (
        umask 077
        # shellcheck disable=SC2086
        openssl req -new -newkey $key -config "$work/$name.cnf" \
            -keyout "$own/tls.key.new" -out "$work/$name.csr" 2>/dev/null
    )
    openssl x509 -req -in "$work/$name.csr" -days $valid_days -out "$own/tls.crt.new" \
        -CA "$work/authority.crt" -CAkey "$work/authority.key" \
        -set_serial "0x$(openssl rand -hex 16)" \
        -extfile "$work/$name.cnf" -extensions part 2>/dev/null
    [ "$user" = "$(id -u)" ] || chown "$user" "$own/tls.key.new"
    mv "$own/tls.key.new" "$own/tls.key"
    mv "$own/tls.crt.new" "$own/tls.crt"
done
echo "New certificates: start db, redis, web, worker, beat and proxy again."
