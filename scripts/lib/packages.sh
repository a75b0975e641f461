# shellcheck shell=bash disable=SC2154 # stoa_root is common.sh's
# Installs what scripts/lib/packages.txt lists, only where it is missing. Sourced, after common.sh.
#   ensure_packages GROUP...

# stands_in SPEC: whether a command "name" or "name>=major.minor" is there already.
stands_in() {
  local name=${1%%>=*} wanted=${1##*>=} have
  command -v "$name" >/dev/null || return 1
  [[ $1 == *'>='* ]] || return 0
  have=$("$name" --version 2>/dev/null | grep -Eo '[0-9]+(\.[0-9]+)*' | head -n 1) || return 1
  [[ $(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1) == "$wanted" ]]
}

# missing_packages GROUP...: the packages to install, one a line.
missing_packages() {
  local group package standin installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${binary:Package}\n' | sed -n 's/^installed \([^:]*\).*/\1/p')
  while read -r group package standin; do
    [[ " $* " == *" $group "* ]] || continue
    grep -qxF "$package" <<<"$installed" && continue
    if [[ -n $standin ]] && stands_in "$standin"; then continue; fi
    echo "$package"
  done < <(grep -Ev '^(#|$)' "$stoa_root/scripts/lib/packages.txt") | sort -u
}

ensure_packages() {
  local missing as_root=() log
  command -v dpkg-query >/dev/null || fail "this script installs packages on Debian 12 only; see scripts/lib/packages.txt"
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "as root, run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  mkdir -p "$stoa_root/var"
  log=$stoa_root/var/packages.log
  # The first word of root's work: neither Debian's own database cluster nor any service is to be
  # started on this machine for our sake.
  "${as_root[@]}" sh -eu -s -- "${missing[@]}" <<'ROOT' >"$log" 2>&1 ||
    export DEBIAN_FRONTEND=noninteractive
    cluster=/etc/postgresql-common/createcluster.conf
    if [ ! -e "$cluster" ]; then
      mkdir -p /etc/postgresql-common
      echo 'create_main_cluster = false' >"$cluster"
    fi
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
    fi
    apt-get -o DPkg::Lock::Timeout=300 update
    apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
    for package in "$@"; do
      if [ "$package" = coturn ] && command -v systemctl >/dev/null; then systemctl disable coturn || true; fi
    done
ROOT
    fail "the packages could not be installed: $(grep -E '^E:' "$log" | head -n 1 || true) (all of it: $log)"
}
