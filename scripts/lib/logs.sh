# shellcheck shell=bash
# Log files that stay small. Sourced, after common.sh.

# rotate_log BYTES COUNT FILE: where it has more, FILE becomes FILE.1, that became FILE.2 before, and so on: COUNT files in all, at
# least two. What writes it has opened it for appending (>>) and goes on in the empty file; what it writes in the moment between
# the copy and the emptying is lost.
rotate_log() {
  local bytes=$1 count=$2 file=$3 size i
  size=$(stat -c %s "$file" 2>/dev/null) || return 0
  ((size > bytes)) || return 0
  for ((i = count - 1; i > 1; i--)); do
    [[ ! -f $file.$((i - 1)) ]] || mv -f "$file.$((i - 1))" "$file.$i"
  done
  cp "$file" "$file.1"
  : >"$file"
}

# keep_logs PID BYTES COUNT FILE...: looks at them every second until the process is gone. To be run in the background.
keep_logs() {
  local pid=$1 bytes=$2 count=$3 file
  shift 3
  while alive "$pid"; do
    for file; do rotate_log "$bytes" "$count" "$file"; done
    sleep 1
  done
}
