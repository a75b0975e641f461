# shellcheck shell=bash disable=SC2154 # stoa_root is common.sh's
# Configures and builds one preset. Sourced, after common.sh and packages.sh.
. "$stoa_root/scripts/lib/npm.sh"
#   configure_stoa PRESET [OPTION...]  cmake's options; writes build/PRESET/compile_commands.json with the sources there are now
#   build_stoa PRESET [TARGET...]   everything, unless targets are named
#   stoa_binary PRESET              prints where the server's binary is

stoa_binary() { printf %s "$stoa_root/build/$1/bin/stoa"; }

# ThreadSanitizer of GCC 12 cannot lay out its shadow under the address randomisation of newer kernels.
# Prints the command, one word a line, under which that preset's programs run.
preset_runner() {
  if [[ $1 == tsan ]]; then printf '%s\n' setarch -R; fi
}

# prepare_build PRESET: what configuring and building need to be there.
prepare_build() {
  local groups=(build)
  [[ $1 == fuzz ]] && groups+=(fuzz)
  ensure_packages "${groups[@]}"
  cd "$stoa_root" || fail "cannot enter $stoa_root"
  npm_install web/vendor # what the binary hands out to browsers
}

configure_stoa() {
  local preset=$1 log=$stoa_root/var/configure-$1.log
  shift
  prepare_build "$preset"
  say "Configuring ($preset)"
  private_folder "$stoa_root/var"
  run_child cmake --preset "$preset" "$@" >"$log" 2>&1 ||
    fail "cmake --preset $preset failed: $(grep -m 1 -A 3 Error "$log" | tr -s '\n ' ' ')(all of it: $log)"
}

build_stoa() {
  local preset=$1 began=$SECONDS dir=$stoa_root/build/$1 runner target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  if [[ -f $dir/build.ninja ]]; then
    prepare_build "$preset"
  else
    configure_stoa "$preset"
    say "Building ($preset); the first time takes some minutes"
  fi
  mapfile -t runner < <(preset_runner "$preset")
  # Its output is for the eye: ninja's progress on a terminal, the compiler's words when something fails.
  run_child "${runner[@]}" cmake --build "$dir" "${targets[@]}" >&2 || fail "the $preset build failed"
  say "Built $preset in $(duration $((SECONDS - began)))"
}
