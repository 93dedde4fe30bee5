#!/usr/bin/env bash
# Puts a recent nats-server at $1 (a folder) from Debian's own archive, without installing anything and without being
# root. The newest suite comes first; the package needs only libc6 >= 2.34, so it runs on bookworm too. apt verifies
# the archive's signatures.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v apt-get >/dev/null || { echo 'apt-get is not here' >&2; exit 1; }
# The mirror that this machine's own apt already uses.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 -E '/debian/?$' || true)}
if [ -z "$mirror" ]; then # sources are listed, but their lists were never fetched
  mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 | tr -d ' ')
fi
for suite in ${NATS_SUITES:-forky sid trixie}; do
  dir=$work/$suite
  mkdir -p "$dir"/lists/partial "$dir"/cache/archives/partial "$dir"/dl
  : >"$dir/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$dir/list"
  apt=(-q -o Dir::Etc::SourceList="$dir/list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$dir/lists"
    -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Acquire::Retries=1)
  if apt-get "${apt[@]}" update >"$dir/log" 2>&1 && (cd "$dir/dl" && apt-get "${apt[@]}" download nats-server >>"$dir/log" 2>&1); then
    dpkg -x "$dir"/dl/nats-server_*.deb "$dir/x"
    binary=$(find "$dir/x" -name nats-server -type f -perm -100 | head -1)
    # A name of its own first: two installations at once must not see half a file.
    install -m755 "$binary" "$out/nats-server.$$" && mv "$out/nats-server.$$" "$out/nats-server"
    "$out/nats-server" --version && exit 0
  fi
done
echo 'no nats-server to be had' >&2
exit 1
