# shellcheck shell=bash
# What every script shares: where the tree is, how it speaks, and children that never outlive it.
# Sourced, not run. The caller has set -euo pipefail.

# shellcheck disable=SC2034  # for the scripts
stoa_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

# Progress goes to stderr, so that a script's stdout stays its answer.
say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# private_folder DIR: makes it for its owner alone. Root's may be passed through, since user postgres has files
# below it, but not listed. One that is there already keeps its mode: it may be anybody's.
private_folder() {
  [[ -d $1 ]] && return
  mkdir -p "$1" || fail "cannot make $1"
  if ((EUID == 0)); then chmod 711 "$1"; else chmod 700 "$1"; fi
}

# duration SECONDS: 75 -> "1 min 15 s".
duration() {
  if (($1 >= 60)); then printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

# usage: the comment block at the head of the calling script, which is its help text.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

# --- children -------------------------------------------------------------------------------------
# A long command runs in a session of its own and the shell waits for it. So a signal is handled at
# once rather than when the command ends, Ctrl-C reaches this script only, and the command's whole
# process group ends with it; should the script be killed with -9, the command is told to stop. Do not call these from a subshell: the groups are remembered here.
stoa_child=

# run_child COMMAND...: like COMMAND, with its exit code.
run_child() {
  local code=0
  setsid -- setpriv --pdeathsig TERM -- "$@" </dev/null &
  stoa_child=$!
  wait "$stoa_child" || code=$?
  stoa_child=
  return "$code"
}

# alive PID; of a process group that is any of its processes, given as -PID.
alive() { kill -0 -- "$1" 2>/dev/null; }

# wait_gone PID SECONDS: polls until it is gone; 1 when it outlives the deadline.
wait_gone() {
  local deadline=$((SECONDS + $2))
  while alive "$1"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

stop_child() {
  [[ -n $stoa_child ]] || return 0
  kill -TERM -- "-$stoa_child" 2>/dev/null || true
  wait_gone "-$stoa_child" 15 || true
  kill -KILL -- "-$stoa_child" 2>/dev/null || true
  stoa_child=
}

# on_exit FUNCTION: runs it last thing, however the script ends, signals included.
on_exit() {
  # shellcheck disable=SC2064,SC2154
  trap "stoa_exit=\$?; trap '' INT TERM HUP; trap - EXIT; set +e; stop_child; $1; exit \$stoa_exit" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}
