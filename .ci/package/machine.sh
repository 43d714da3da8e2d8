# shellcheck shell=bash
# A fresh Debian with systemd as its first process, in the folder R, and the package beside it. Sourced by what types
# docs/INSTALL.md there; never run. Needs root.
#   DEBIAN=trixie        another release than bookworm
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
[ "$(id -u)" = 0 ] || die "needs root, for a container of its own"
need debootstrap debootstrap systemd-nspawn systemd-container openssl openssl curl curl
DEBIAN=${DEBIAN:-bookworm}
R=$WORK/root leader=

echo "debootstrap $DEBIAN"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates "$DEBIAN" "$R" \
	>"$WORK/debootstrap.log" 2>&1 || { tail -5 "$WORK/debootstrap.log"; die "no Debian"; }
cp "$TOP"/bin/satchel_*.deb "$R/root/"
cp /etc/resolv.conf "$R/etc/resolv.conf"
echo 'correct horse' >"$R/root/password"

cleanup() { stop_machine; }
stop_machine() {
	[ -z "$leader" ] || kill -KILL "$leader" 2>/dev/null || true
	wait
}

# inside COMMAND... runs in the machine, near COMMAND... a program of this one on
# its network.
inside() { nsenter -t "$leader" -m -u -i -n -p env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
near() { nsenter -t "$leader" -n "$@"; }

# type_in N... has a shell run these blocks of docs/INSTALL.md, up to the first command that fails. adapt is what sed
# changes in them.
adapt='s/ --password-stdin/ --password-stdin <password/'
type_in() {
	"${shell[@]}" bash -ec "cd /root
$(blocks INSTALL.md "$@" | sed "$adapt")" </dev/null
}

# boot starts the machine, without a network but its own loopback.
boot() {
	systemd-nspawn --quiet --register=no --keep-unit --private-network --hostname=mail --resolv-conf=off \
		--console=pipe -D "$R" --boot </dev/null >"$WORK/boot.log" 2>&1 &
	local nspawn=$! i
	for i in $(seq 300); do
		leader=$(pgrep -P $nspawn 2>/dev/null) && inside systemctl is-system-running --wait >/dev/null 2>&1 && return
		inside systemctl is-system-running 2>/dev/null | grep -q degraded && return # of hardware that is not there
		sleep 0.1
	done
	tail -5 "$WORK/boot.log"
	return 1
}

# apart runs a command in the machine's folder before it is booted, with this one's network.
apart() { chroot "$R" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
shell=(apart)
