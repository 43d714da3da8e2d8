#!/bin/bash
# The account's page in a real browser (Debian's chromium): logging in, a device
# that reads its settings off the screen and gets mail, revoking it. What the page
# looks like on a phone and at a desk is in SHOTS (bin/shots).
. "$(dirname "$0")/lib.sh"
need chromium chromium zbarimg zbar-tools openssl openssl
SHOTS=${SHOTS:-$TOP/bin/shots}
mkdir -p "$SHOTS"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
imaps=$(free_port) https=$(free_port)
cat >"$WORK/satchel.toml" <<TOML
hostname = "localhost"
clients.imaps_port = $imaps
[tls]
cert = "$WORK/cert.pem"
key = "$WORK/key.pem"
TOML
export ACCOUNT=alice@example.org PASSWORD='correct horse' URL=https://localhost:$https SHOTS
account "$ACCOUNT" "$PASSWORD" "$WORK/data"
"$SATCHEL" address add "$ACCOUNT" sales@example.org --data "$WORK/data"
printf 'Subject: Hello\n\nIt works.\n' | "$SATCHEL" deliver "$ACCOUNT" --data "$WORK/data"
start_satchel "$WORK/data" --config "$WORK/satchel.toml" --imaps "127.0.0.1:$imaps" --https "127.0.0.1:$https"

owner() { (cd "$TOP/.ci/e2e/web" && go test -count=1 ./...); }
step "the account's page in chromium" owner
stop_satchel
finish
