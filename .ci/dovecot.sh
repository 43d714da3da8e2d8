# shellcheck shell=bash
# The private Dovecot that oracle.sh and bench.sh compare with. Sourced after
# lib.sh. It sets D_IMAP, D_IMAPS, D_LMTP (ports) and D_DIR.

start_dovecot() {
	need dovecot dovecot-imapd doveconf dovecot-core openssl openssl ps procps
	[ -e /usr/lib/dovecot/lmtp ] || { need dovecot-lmtp dovecot-lmtpd; }
	[ -e /usr/lib/dovecot/pop3 ] || { need dovecot-pop3 dovecot-pop3d; }
	[ "$(id -u)" = 0 ] || die "the private Dovecot has to be started as root"
	D_IMAP=$(free_port) D_IMAPS=$(free_port) D_LMTP=$(free_port) D_DIR=$WORK/dovecot
	IMAP_PORT=$D_IMAP IMAPS_PORT=$D_IMAPS LMTP_PORT=$D_LMTP POP3_PORT=$(free_port) \
		bash "$SHARED/peers/dovecot.sh" start "$D_DIR"
}

stop_dovecot() { [ -z "${D_DIR:-}" ] || bash "$SHARED/peers/dovecot.sh" stop "$D_DIR" >/dev/null || true; }

cleanup() { stop_satchel; stop_dovecot; }
