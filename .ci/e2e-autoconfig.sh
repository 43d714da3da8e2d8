#!/bin/bash
# A real Thunderbird that is told an address and a password, and nothing else: it
# finds its settings at satchel, over HTTPS and, where the certificate is not for
# the names that it tries, over HTTP; and reads a message. Thunderbird asks on the
# ports 80 and 443, so this has a network namespace of its own. Needs root.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || die "needs root, for a network of its own"
if [ -z "${INSIDE:-}" ]; then
	need thunderbird thunderbird certutil libnss3-tools openssl openssl ip iproute2 unshare util-linux
	INSIDE=1 exec unshare --net --mount bash "$0"
fi
ip link set lo up
printf '127.0.0.1 localhost\n127.0.0.1 mail.example.org autoconfig.example.org\n' >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts

P="correct horse" DATA=$WORK/data
echo "$P" >"$WORK/password"
(cd "$TOP" && "${GO:-go}" build -o "$WORK/thunderbird" ./.ci/thunderbird)

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=authority \
		-addext basicConstraints=critical,CA:TRUE -keyout "$WORK/ca.key" -out "$WORK/ca.pem" 2>/dev/null
}
# certificate NAME... makes one for these names.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$WORK/key.pem" -out "$WORK/request.pem" 2>/dev/null
	printf 'subjectAltName=%s\n' "$(printf ',DNS:%s' "$@" | cut -c2-)" >"$WORK/names"
	openssl x509 -req -in "$WORK/request.pem" -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -CAcreateserial -days 20 \
		-extfile "$WORK/names" -out "$WORK/cert.pem" 2>/dev/null
}

serve() {
	start_satchel "$DATA" --config "$WORK/satchel.toml" --imap :143 --imaps :993
	printf 'Subject: Hello\n\nIt works.\n' | "$SATCHEL" deliver alice@example.org --data "$DATA"
}

sets_itself_up() {
	local got
	got=$("$WORK/thunderbird" -address alice@example.org -password-file "$WORK/password" -ca "$WORK/ca.pem" -subject Hello)
	same "what Thunderbird found" "$(head -3 <<<"$got" | sed 's/ after .*//')" 'incoming mail.example.org:993 TLS alice@example.org
outgoing mail.example.org:465 TLS alice@example.org
read "It works."'
}

authority
"$SATCHEL" setup --host mail.example.org --account alice@example.org --config "$WORK/satchel.toml" --data "$DATA" \
	--password-stdin <"$WORK/password" >/dev/null
sed -i "1i tls.cert = \"$WORK/cert.pem\"\ntls.key = \"$WORK/key.pem\"" "$WORK/satchel.toml"
certificate mail.example.org autoconfig.example.org
serve
step "Thunderbird sets itself up" sets_itself_up
stop_satchel
certificate mail.example.org
serve
step "with a certificate for the mail host alone" sets_itself_up
finish
