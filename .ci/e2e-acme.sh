#!/bin/bash
# Certificates by ACME from a real authority: Pebble, with a DNS server of its own, both on loopback and built for this
# run. All challenges, renewal, and what an administrator is told when something is wrong.
. "$(dirname "$0")/lib.sh"
need curl curl openssl openssl
PEBBLE=v2.10.1

cleanup() {
	stop_satchel
	kill "${authority:-}" "${names:-}" 2>/dev/null || true
}

# build_authority puts Pebble and its DNS server into WORK/bin.
build_authority() {
	(cd "$WORK" && GOBIN=$WORK/bin "${GO:-go}" install "github.com/letsencrypt/pebble/v2/cmd/pebble@$PEBBLE" \
		"github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@$PEBBLE") >"$WORK/build.log" 2>&1 ||
		die "no Pebble: $(tail -n 2 "$WORK/build.log")"
}

# start_names starts the DNS server: every name has the address 127.0.0.1, until it is told otherwise.
start_names() {
	DNS=$(free_port) TELL=$(free_port)
	"$WORK/bin/pebble-challtestsrv" -dnsserver "127.0.0.1:$DNS" -management "127.0.0.1:$TELL" -defaultIPv6 "" \
		-http01 "" -https01 "" -doh "" -tlsalpn01 "" >"$WORK/names.log" 2>&1 &
	names=$!
}

# start_authority starts Pebble, which asks on our ports in place of 80 and 443, and forgets nothing good: each order is
# validated anew.
start_authority() {
	CA=$(free_port) MANAGE=$(free_port)
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$WORK/ca.key" -out "$WORK/ca.pem" 2>/dev/null
	cat >"$WORK/pebble.json" <<-JSON
		{"pebble": {
			"listenAddress": "127.0.0.1:$CA", "managementListenAddress": "127.0.0.1:$MANAGE",
			"certificate": "$WORK/ca.pem", "privateKey": "$WORK/ca.key",
			"httpPort": $HTTP, "tlsPort": $HTTPS, "keyAlgorithm": "ecdsa",
			"domainBlocklist": ["blocked.example.org"], "retryAfter": {"authz": 1, "order": 1},
			"externalAccountBindingRequired": ${1:-false}, "externalAccountMACKeys": {"kid-1": "$MAC"},
			"profiles": {
				"default": {"description": "90 days", "validityPeriod": 7776000},
				"brief": {"description": "20 seconds", "validityPeriod": 20}}}}
	JSON
	PEBBLE_VA_NOSLEEP=1 PEBBLE_AUTHZREUSE=0 "$WORK/bin/pebble" -config "$WORK/pebble.json" -dnsserver "127.0.0.1:$DNS" \
		>"$WORK/pebble.log" 2>&1 &
	authority=$!
	await "$WORK/pebble.log" "ACME directory available"
	curl -sS --retry 5 --retry-connrefused --cacert "$WORK/ca.pem" "https://localhost:$MANAGE/roots/0" >"$WORK/root.pem"
}

# await FILE TEXT [COUNT] waits until a text is in a file, so often.
await() {
	often() { [ "$(grep -c -- "$2" "$1" || true)" -ge "${3:-1}" ]; }
	TRIES=400 eventually often "$@" && return
	echo "no ${3:-} '$2' in ${1##*/}: $(tail -n 3 "$1")"
	return 1
}

# serve NAME LINE ... starts satchel with these lines of [acme], and little else of a configuration. PROFILE is the kind of
# certificate: left alone, Pebble takes any.
PROFILE=default
serve() {
	DATA=$WORK/$1
	{
		printf 'hostname = "mail.example.org"\nlisten.http = "127.0.0.1:%s"\nlisten.https = "127.0.0.1:%s"\n' "$HTTP" "$HTTPS"
		printf '[acme]\nemail = "admin@example.org"\ndirectory = "https://localhost:%s/dir"\nprofile = "%s"\n' "$CA" "$PROFILE"
		printf '%s\n' "${@:2}"
	} >"$DATA.toml"
	start_satchel "$DATA" --config "$DATA.toml"
}

# shown NAME prints what the certificate is that is shown to who asks for a name, checked up to the authority's root.
shown() {
	openssl s_client -connect "127.0.0.1:$IMAPS" -servername "$1" -CAfile "$WORK/root.pem" -verify_return_error \
		-verify_hostname "$1" </dev/null 2>/dev/null | openssl x509 -noout -serial
}

# trusted NAME wants a certificate that clients take.
trusted() { [ -n "$(shown "$1")" ]; }

# files NAME: the keys are for nobody else's eyes, and not in the log.
files() {
	local folder=$DATA/acme/localhost_${CA}_dir
	same modes "$(stat -c %a "$DATA/acme" "$folder" "$folder"/* | sort -u | tr '\n' ' ')" "600 700 "
	test -s "$folder/account.key"
	grep -q 'PRIVATE KEY' "$folder/$1.pem"
	! grep -F "$(sed -n 2p "$folder/$1.pem")" "$DATA.log"
}

obtained() { await "$DATA.log" 'msg="certificate obtained"' "$1"; }

two_names() {
	obtained 2
	trusted mail.example.org
	trusted mail.example.net
	[ "$(shown mail.example.org)" != "$(shown mail.example.net)" ] || { echo "one certificate for both"; return 1; }
}

# orders is how many there have been.
orders() { grep -c 'Added order' "$WORK/pebble.log" || true; }

# kept SERIAL ORDERS: a restart serves what is there, asks how long it is good, and orders nothing.
kept() {
	same "the certificate" "$(shown mail.example.org)" "$1"
	await "$DATA.log" 'msg="certificate will be renewed"' 2
	same orders "$(orders)" "$2"
}

# urge NAME: the authority wants a certificate renewed before its time.
urge() {
	local chain
	chain=$(openssl x509 -in "$DATA/acme/localhost_${CA}_dir/$1.pem" | awk '{printf "%s\\n", $0}')
	curl -sS --fail --cacert "$WORK/ca.pem" "https://localhost:$MANAGE/set-renewal-info/" -d '{"certificate": "'"$chain"'", "ariResponse":
		"{\"suggestedWindow\": {\"start\": \"2026-01-01T00:00:00Z\", \"end\": \"2026-01-02T00:00:00Z\"}, \"explanationURL\": \"https://ca.example/why\"}"}'
}

# urged SERIAL: then that one is renewed, and no other.
urged() {
	await "$DATA.log" 'msg="certificate obtained" names=.mail.example.org'
	grep -q 'reason=https://ca.example/why' "$DATA.log"
	[ "$(shown mail.example.org)" != "$1" ]
	! grep 'certificate ordered.*mail.example.net' "$DATA.log"
}

over_https() {
	obtained 1
	trusted mail.example.org
	curl -sS --cacert "$WORK/root.pem" --connect-to "::127.0.0.1:$HTTPS" https://mail.example.org/ -o "$WORK/page"
}

# hook [WORDS] writes a command that makes records, or fails with these words.
hook() {
	cat >"$WORK/hook" <<-SH
		#!/bin/sh
		[ -z "$*" ] || { echo "$*" >&2; exit 1; }
		echo "\$1 \$2" >>$WORK/hook.log
		case \$1 in
		present) curl -sS http://127.0.0.1:$TELL/set-txt -d "{\"host\": \"\$2\", \"value\": \"\$3\"}" ;;
		cleanup) curl -sS http://127.0.0.1:$TELL/clear-txt -d "{\"host\": \"\$2\"}" ;;
		esac
	SH
	chmod +x "$WORK/hook"
}

by_record() {
	obtained 1
	trusted any.example.org
	same "the hook's work" "$(tr '\n' ',' <"$WORK/hook.log")" \
		"present _acme-challenge.example.org.,cleanup _acme-challenge.example.org.,"
}

# renewed: who is connected stays so, who comes then gets the new certificate.
renewed() {
	local first line
	obtained 1
	first=$(shown mail.example.org)
	coproc HELD { openssl s_client -quiet -connect "127.0.0.1:$IMAPS" 2>/dev/null; }
	IFS= read -r -t 10 line <&"${HELD[0]}"
	obtained 2
	[ "$(shown mail.example.org)" != "$first" ] || { echo "the old certificate"; return 1; }
	printf 'a NOOP\r\n' >&"${HELD[1]}"
	IFS= read -r -t 10 line <&"${HELD[0]}"
	kill "$HELD_PID"
	[[ $line == 'a OK'* ]] || { echo "the connection: $line"; return 1; }
}

# told TEXT: the log says it, and mail is served with satchel's own certificate.
told() {
	await "$DATA.log" "$1"
	openssl s_client -connect "127.0.0.1:$IMAPS" </dev/null 2>/dev/null | openssl x509 -noout -subject | grep -q self-signed
}

# seen TEXT: whoever asks how the server is doing is told.
seen() {
	local out
	out=$("$SATCHEL" status --data "$DATA" || true)
	grep -q -- "$1" <<<"$out" || { echo "$out"; return 1; }
}

# tell COMMAND JSON tells the DNS server something.
tell() { curl -sS --fail "http://127.0.0.1:$TELL/$1" -d "$2"; }

# wrong NAME TEXT LINE ... serves with a mistake, and wants it told.
wrong() {
	serve "${1// /-}" "${@:3}"
	step "wrong: $1" told "$2"
	stop_satchel
}

HTTP=$(free_port) HTTPS=$(free_port) MAC=$(openssl rand 32 | basenc --base64url | tr -d '=\n')
TWO='domains = ["mail.example.org", "mail.example.net"]' TRUST="ca = \"$WORK/ca.pem\""
build_authority
start_names
start_authority

serve http "$TWO" "$TRUST"
step "HTTP-01, two names by SNI" two_names
step "files" files mail.example.net
before=$(shown mail.example.org) count=$(orders)
stop_satchel
serve http "$TWO" "$TRUST"
step "a restart orders nothing" kept "$before" "$count"
stop_satchel
urge mail.example.org
serve http "$TWO" "$TRUST"
step "renewed when the authority wants it" urged "$before"
stop_satchel

serve alpn 'challenge = "tls-alpn"' "$TRUST"
step "TLS-ALPN-01, and https" over_https
stop_satchel

mv "$DATA.toml" "$DATA.later"
sed '/^.acme/,$d' "$DATA.later" >"$DATA.toml"
rm -r "$DATA/acme"
start_satchel "$DATA" --config "$DATA.toml"
mv "$DATA.later" "$DATA.toml"
kill -HUP "$satchel_pid"
step "switched on by a reload" over_https
step "and seen in the status" seen 'mail.example.org (ACME), until'
stop_satchel

hook
serve dns 'domains = ["*.example.org"]' 'challenge = "dns"' "hook = \"$WORK/hook\"" 'hook_wait = "0s"' "$TRUST"
step "DNS-01 for a wildcard" by_record
stop_satchel

PROFILE=brief
serve brief "$TRUST"
step "renewed while a connection is open" renewed
stop_satchel

PROFILE=none
wrong "an unknown kind" "unknown profile name 'none'" "$TRUST"
PROFILE=default
wrong "an unknown authority" "acme.ca can name the file"
wrong "a refused name" 'look at hostname and acme.domains' 'domains = ["blocked.example.org"]' "$TRUST"
hook no such zone
wrong "a failing hook" 'no such zone; the command of acme.hook must' 'challenge = "dns"' "hook = \"$WORK/hook\"" "$TRUST"
printf '#!/bin/sh\n' >"$WORK/hook"
wrong "an idle hook" 'acme.hook_wait' 'challenge = "dns"' "hook = \"$WORK/hook\"" 'hook_wait = "0s"' "$TRUST"

tell add-a '{"host": "mail.example.org", "addresses": ["127.0.0.9"]}'
serve closed "$TRUST"
step "wrong: a closed port" told 'port 80 of mail.example.org must be reachable'
step "and seen in the status" seen 'port 80 of mail.example.org must be reachable'
tell clear-a '{"host": "mail.example.org"}'
kill -HUP "$satchel_pid"
step "cured, and reloaded" obtained 1
stop_satchel

kill "$authority"
wrong "nobody there" 'the authority cannot be reached' "$TRUST"
start_authority true
wrong "no account of the authority's" 'acme.eab_id and acme.eab_key_file' "$TRUST"
printf '%s\n' "$MAC" >"$WORK/mac"
serve bound 'eab_id = "kid-1"' "eab_key_file = \"$WORK/mac\"" "$TRUST"
step "bound to the authority's account" obtained 1
stop_satchel
finish
