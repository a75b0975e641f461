# shellcheck shell=bash
# npm_install DIR: its locked packages, when they are not those that are there. Sourced, after common.sh.
npm_install() {
  [[ -f $1/package-lock.json ]] || return 0
  local lock
  lock=$(sha256sum <"$1/package-lock.json")
  [[ $(cat "$1/node_modules/.stoa-lock" 2>/dev/null) != "$lock" ]] || return 0
  say "Installing the npm packages of $1"
  run_child npm ci --prefix "$1" --no-audit --no-fund --loglevel=error >&2 || fail "npm ci failed in $1: can this machine reach its npm registry (npm config get registry)? Then start again"
  mkdir -p "$1/node_modules"
  echo "$lock" >"$1/node_modules/.stoa-lock"
}
