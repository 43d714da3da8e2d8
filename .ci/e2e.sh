#!/bin/bash
# Real mail clients against a freshly started satchel, over STARTTLS and TLS.
# The repository's own scripts drive curl, mbsync and mutt; where SHARED has
# its clients, those run too.
#   e2e.sh [curl|mbsync|mutt|shared ...]      (all of them)
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || set -- curl mbsync mutt shared
need curl curl mbsync isync mutt mutt openssl openssl script bsdutils

# A certificate for localhost: some clients know no addresses in certificates.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
	-keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
cat >"$WORK/satchel.toml" <<TOML
[tls]
cert = "$WORK/cert.pem"
key = "$WORK/key.pem"
TOML

# fresh starts a server of its own for one program, with one account.
fresh() {
	stop_satchel
	account "$U" "$P" "$WORK/$1"
	start_satchel "$WORK/$1" --config "$WORK/satchel.toml"
}

# part NAME COMMAND... runs a script and adds its closing line to ours.
part() {
	local name=$1 last
	shift
	echo "== $name"
	"$@" 2>&1 | tee "$WORK/out" || true
	last=$(tail -n 1 "$WORK/out")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
	else
		bad "$name" "no closing line"
	fi
}

export U=u0 P=pass CERT=$WORK/cert.pem IMAP IMAPS LMTP SATCHEL SHARED
for client in "$@"; do
	case $client in
	shared)
		shared clients/run-all.sh || continue
		need python3 python3 offlineimap offlineimap3 neomutt neomutt fetchmail fetchmail \
			thunderbird thunderbird node nodejs npm npm
		fresh thunderbird
		MODES=starttls part "thunderbird, STARTTLS" "$SHARED/clients/run-all.sh" 127.0.0.1 "$IMAP" "$IMAPS" "$U" "$P" thunderbird
		fresh thunderbird-tls
		MODES=tls part "thunderbird, TLS" "$SHARED/clients/run-all.sh" 127.0.0.1 "$IMAP" "$IMAPS" "$U" "$P" thunderbird
		fresh others
		part "all other clients" "$SHARED/clients/run-all.sh" 127.0.0.1 "$IMAP" "$IMAPS" "$U" "$P" \
			python_imaplib curl imapflow mbsync offlineimap mutt neomutt fetchmail
		;;
	*)
		fresh "$client"
		for mode in starttls tls; do part "$client, $mode" "$TOP/.ci/e2e/$client.sh" $mode; done
		;;
	esac
done
stop_satchel
finish
