#!/bin/bash
# Real mail clients against a freshly started satchel, over STARTTLS and TLS.
# The repository's own scripts drive curl, mbsync, mutt and interimap; where
# SHARED has its clients, those run too.
#   e2e.sh [curl|mbsync|mutt|interimap|shared ...]      (all of them)
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- curl mbsync mutt interimap shared
need curl curl mbsync isync mutt mutt interimap interimap openssl openssl script bsdutils

# A certificate for localhost: some clients know no addresses in certificates.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
cat >"$WORK/satchel.toml" <<TOML
[tls]
cert = "$WORK/cert.pem"
key = "$WORK/key.pem"
[listen]
metrics = "unix:$WORK/metrics"
TOML

# fresh NAME [ACCOUNT ...] starts a server with accounts.
fresh() {
	stop_satchel
	local a
	for a in "${@:2}"; do account "$a" "$P" "$WORK/$1"; done
	start_satchel "$WORK/$1" --config "$WORK/satchel.toml"
}

# part NAME OUTPUT shows what a script wrote and adds its closing line to ours.
part() {
	local last
	echo "== $1"
	cat "$2"
	last=$(tail -n 1 "$2")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
	else
		bad "$1" "no closing line"
	fi
}

# told looks at the numbers for Prometheus after a client: it has logged in. promtool, where there is one, reads them too.
told() {
	curl -sf --unix-socket "$WORK/metrics" http://localhost/ready | grep -qx ok
	curl -sf --unix-socket "$WORK/metrics" http://localhost/metrics >"$WORK/numbers"
	grep -q '^satchel_logins_total{.*result="ok"} [1-9]' "$WORK/numbers"
	grep -q '^satchel_commands_total{.*result="ok"} [1-9]' "$WORK/numbers"
	! command -v promtool >/dev/null || promtool check metrics <"$WORK/numbers"
}

# theirs MODE ACCOUNT CLIENT ... runs clients of SHARED against our server.
theirs() { MODES=$1 "$SHARED/clients/run-all.sh" 127.0.0.1 "$IMAP" "$IMAPS" "$2" "$P" "${@:3}"; }

# steer MODE [OPTION] runs Thunderbird: run-all.sh knows none of its options.
steer() {
	local port=$IMAP
	[ "$1" = starttls ] || port=$IMAPS
	timeout -k 10 500 /usr/bin/python3 "$SHARED/clients/thunderbird.py" 127.0.0.1 "$port" u0 "$P" "$@"
}

export U=u0 V=v0 P=pass CERT=$WORK/cert.pem IMAP IMAPS LMTP SATCHEL SHARED
others=(python_imaplib curl imapflow mbsync mutt neomutt fetchmail offlineimap)
for client in "$@"; do
	case $client in
	shared)
		shared clients/run-all.sh || continue
		need python3 python3 offlineimap offlineimap3 neomutt neomutt fetchmail fetchmail \
			thunderbird thunderbird node nodejs npm npm
		for how in starttls tls "starttls --condstore"; do
			# Its script saves a draft again once its own poll has seen the first one.
			# When that is before Thunderbird has read its header, Thunderbird leaves
			# it behind, with Dovecot as with us, about once in three times; so a run
			# that failed is shown and made again. What satchel did wrong would fail
			# each time.
			for try in 1 2 3 4 5 6 7 8 9 10 11 12; do
				fresh "thunderbird-${how// /}-$try" u0
				# shellcheck disable=SC2086 # a mode and perhaps an option
				if steer $how >"$WORK/out" 2>&1 || [ $try = 12 ]; then break; fi
				echo "== thunderbird, $how: try $try"
				cat "$WORK/out"
			done
			part "thunderbird, $how" "$WORK/out"
		done
		fresh others u1 u2
		# They mostly wait, so both modes run at once, each on its account.
		theirs tls u2 "${others[@]}" >"$WORK/out-tls" 2>&1 &
		tls=$!
		theirs starttls u1 "${others[@]}" >"$WORK/out-starttls" 2>&1 || true
		wait $tls || true
		for mode in starttls tls; do part "the other clients, $mode" "$WORK/out-$mode"; done
		;;
	*)
		fresh "$client" "$U" "$V"
		for mode in starttls tls; do
			"$TOP/.ci/e2e/$client.sh" $mode >"$WORK/out" 2>&1 || true
			part "$client, $mode" "$WORK/out"
		done
		step "numbers after $client" told
		;;
	esac
done
stop_satchel
finish
