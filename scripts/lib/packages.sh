# shellcheck shell=bash disable=SC2154 # stoa_root is common.sh's
# Installs what scripts/lib/packages.txt lists, only where it is missing. Sourced, after common.sh.
#   ensure_packages GROUP...
# STOA_PACKAGES=installed: nothing is looked for nor installed, as on a system that is not Debian.

# The releases whose names packages.txt has, in the order of its columns.
stoa_releases=(12 13)

# os_release KEY: what /etc/os-release says, or nothing.
os_release() {
  (
    # shellcheck disable=SC1090
    . "${STOA_OS_RELEASE:-/etc/os-release}" 2>/dev/null
    printf %s "${!1-}"
  )
}

# debian_release: prints which of stoa_releases this system is, or fails.
debian_release() {
  local release
  [[ $(os_release ID) == debian ]] || return 1
  for release in "${stoa_releases[@]}"; do
    if [[ $(os_release VERSION_ID) == "$release" ]]; then echo "$release" && return; fi
  done
  return 1
}

# name_on RELEASE NAMES: of a|b, the one that the release has; a name without | is every release's.
name_on() {
  local names i
  IFS='|' read -ra names <<<"$2"
  for i in "${!stoa_releases[@]}"; do
    if [[ ${stoa_releases[i]} == "$1" ]]; then echo "${names[i]:-$2}"; fi
  done
}

# stands_in SPEC: whether a command "name" or "name>=major.minor" is there already.
stands_in() {
  local name=${1%%>=*} wanted=${1##*>=} have
  command -v "$name" >/dev/null || return 1
  [[ $1 == *'>='* ]] || return 0
  have=$("$name" --version 2>/dev/null | grep -Eo '[0-9]+(\.[0-9]+)*' | head -n 1) || return 1
  [[ $(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1) == "$wanted" ]]
}

# missing_packages RELEASE GROUP...: the packages to install, one a line.
missing_packages() {
  local release=$1 group names package standin installed
  shift
  installed=$(dpkg-query -W -f='${db:Status-Status} ${binary:Package}\n' | sed -n 's/^installed \([^:]*\).*/\1/p')
  while read -r group names standin; do
    [[ " $* " == *" $group "* ]] || continue
    package=$(name_on "$release" "$names")
    grep -qxF "$package" <<<"$installed" && continue
    if [[ -n $standin ]] && stands_in "$standin"; then continue; fi
    echo "$package"
  done < <(grep -Ev '^(#|$)' "$stoa_root/scripts/lib/packages.txt") | sort -u
}

ensure_packages() {
  local release missing as_root=() log
  [[ ${STOA_PACKAGES:-} != installed ]] || return 0
  if ! release=$(debian_release); then
    fail "this is $(os_release PRETTY_NAME | grep . || echo 'an unknown system'), and packages are installed on the" \
      "Debian releases ${stoa_releases[*]} only. Install the like of what scripts/lib/packages.txt lists ($*)," \
      "then start again with STOA_PACKAGES=installed"
  fi
  mapfile -t missing < <(missing_packages "$release" "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "missing: ${missing[*]}. As root, run: scripts/packages $*   then start this again"
    as_root=(sudo)
  fi
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  private_folder "$stoa_root/var"
  log=$stoa_root/var/packages.log
  # The first word of root's work: neither Debian's own database cluster nor any service is to be
  # started on this machine for our sake.
  "${as_root[@]}" sh -eu -s -- "${missing[@]}" <<'ROOT' >"$log" 2>&1 ||
    export DEBIAN_FRONTEND=noninteractive
    cluster=/etc/postgresql-common/createcluster.conf
    case $* in
      *postgresql-*)
        mkdir -p /etc/postgresql-common
        [ -e "$cluster" ] || echo 'create_main_cluster = false' >"$cluster"
        ;;
    esac
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
    fi
    apt-get -o DPkg::Lock::Timeout=300 update
    apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
    command -v systemctl >/dev/null || exit 0
    for package in "$@"; do
      case $package in
        coturn) systemctl disable coturn || true ;;
        clamav-daemon) systemctl disable clamav-daemon.service clamav-daemon.socket clamav-freshclam.service || true ;;
      esac
    done
ROOT
    fail "the packages could not be installed: $(grep -E '^E:' "$log" | head -n 1 || true) (all of it: $log)"
}
