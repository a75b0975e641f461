# shellcheck shell=bash disable=SC2154 # stoa_root is common.sh's
# Configures and builds one preset. Sourced, after common.sh and packages.sh.
. "$stoa_root/scripts/lib/npm.sh"
#   build_stoa PRESET [TARGET...]   everything, unless targets are named
#   stoa_binary PRESET              prints where the server's binary is

stoa_binary() { printf %s "$stoa_root/build/$1/bin/stoa"; }

# ThreadSanitizer of GCC 12 cannot lay out its shadow under the address randomisation of newer kernels.
# Prints the command, one word a line, under which that preset's programs run.
preset_runner() {
  if [[ $1 == tsan ]]; then printf '%s\n' setarch -R; fi
}

build_stoa() {
  local preset=$1 began=$SECONDS dir=$stoa_root/build/$1 log runner groups=(build) target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  [[ $preset == fuzz ]] && groups+=(fuzz)
  ensure_packages "${groups[@]}"
  cd "$stoa_root" || fail "cannot enter $stoa_root"
  npm_install web/vendor # what the binary hands out to browsers
  mapfile -t runner < <(preset_runner "$preset")
  if [[ ! -f $dir/build.ninja ]]; then
    say "Configuring ($preset)"
    mkdir -p var
    log=$stoa_root/var/configure-$preset.log
    run_child cmake --preset "$preset" >"$log" 2>&1 ||
      fail "cmake --preset $preset failed: $(grep -m 1 -A 3 Error "$log" | tr -s '\n ' ' ')(all of it: $log)"
    say "Building ($preset); the first time takes some minutes"
  fi
  # Its output is for the eye: ninja's progress on a terminal, the compiler's words when something fails.
  run_child "${runner[@]}" cmake --build "$dir" "${targets[@]}" >&2 || fail "the $preset build failed"
  say "Built $preset in $(duration $((SECONDS - began)))"
}
