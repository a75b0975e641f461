# shellcheck shell=bash
# A private PostgreSQL: a cluster under one folder that listens on a Unix socket and nowhere else.
# Sourced, after common.sh. One at a time in a script:
#   pg_start DIR [name=value...]   starts the cluster in DIR, making it first when DIR has none;
#                                  name=value are PostgreSQL settings
#   pg_url DATABASE [ROLE]         prints a libpq URI for it (role stoa unless told)
#   pg_psql DATABASE ARGS...       psql as the superuser, errors stop it
#   pg_ensure_database NAME        creates the database, owned by role stoa, unless it is there
#   pg_stop                        fast shutdown; safe to call twice
# Roles: postgres (superuser) and stoa (may log in, and does as it likes in databases that it owns). Whoever reaches the socket is
# trusted, and its folder has mode 700. PostgreSQL refuses to run as root: root runs it as user postgres.
# The server dies with the script (parent death signal), also when the script is killed with -9.
# Call pg_start from the script's own shell, not from $(...) or a pipeline.
# PG_BIN names the folder of a PostgreSQL that is elsewhere.

pg_oldest=15 # that the migrations are for
pg_home=/usr/lib/postgresql
pg_bin=
pg_pid=
pg_socket=
pg_as=()
if ((EUID == 0)); then
  pg_as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi

# Runs a command as the cluster's owner. From /, since that user may not be able to read where we stand.
pg_run() { (cd / && exec "${pg_as[@]}" env HOME=/ LC_ALL=C.UTF-8 "$@"); }

# A path that the cluster's owner cannot reach (a checkout in root's home, say) is kept in
# /var/lib/stoa, with a link at the path.
pg_reachable_dir() {
  local dir=$1 elsewhere
  # Whatever umask the script has: where only root came in, the folder would be taken for one that user postgres cannot reach.
  (umask 022 && mkdir -p "$dir") || fail "cannot make $dir"
  if [[ -L $dir ]]; then mkdir -p "$(readlink -m "$dir")"; fi
  dir=$(cd "$dir" && pwd -P)
  if ((EUID == 0)); then
    if ! pg_run test -x "$dir"; then
      elsewhere=/var/lib/stoa/$(printf %s "$1" | sha256sum | cut -c1-12)
      (umask 022 && mkdir -p "$elsewhere")
      rmdir "$dir" 2>/dev/null || fail "user postgres cannot reach $dir; remove it and start again"
      ln -s "$elsewhere" "$1"
      say "PostgreSQL runs as user postgres, who cannot reach $dir: its files are in $elsewhere"
      dir=$elsewhere
    fi
    chown postgres:postgres "$dir"
  elif [[ ! -O $dir ]]; then
    fail "$dir belongs to $(stat -c %U "$dir"): run as that user, or remove it"
  fi
  chmod 700 "$dir"
  pg_dir=$dir
}

# The socket stands in the cluster's folder when its path fits a socket address (107 bytes).
pg_choose_socket() {
  pg_socket=$pg_dir/socket
  if ((${#pg_socket} + ${#pg_socket_name} > 107)); then
    pg_socket=$(mktemp -d /tmp/stoa-pg.XXXXXX)
    if ((EUID == 0)); then chown postgres:postgres "$pg_socket"; fi
  else
    pg_run mkdir -p -m 700 "$pg_socket"
  fi
}
pg_socket_name=/.s.PGSQL.5432.lock

# pg_major BIN: the major version of the PostgreSQL in that folder, or nothing.
pg_major() { "$1/postgres" --version 2>/dev/null | sed -nE 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/p'; }

# Sets pg_bin: the version that made the cluster in pg_dir, the newest for a new one.
pg_choose_bin() {
  local made_by major bin bins=() majors=()
  if [[ -n ${PG_BIN:-} ]]; then
    bins=("$PG_BIN")
  else
    mapfile -t bins < <(find "$pg_home" -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -rV)
  fi
  made_by=$(pg_run cat "$pg_dir/data/PG_VERSION" 2>/dev/null) || true
  for bin in "${bins[@]}"; do
    major=$(pg_major "$bin")
    ((${major:-0} >= pg_oldest)) || continue
    majors+=("$major")
    if [[ ${made_by:-$major} == "$major" ]]; then pg_bin=$bin && return; fi
  done
  ((${#majors[@]})) || fail "no PostgreSQL $pg_oldest or newer in ${PG_BIN:-$pg_home} (Debian's package postgresql)"
  fail "PostgreSQL $made_by made the database in $pg_dir, and ${majors[0]} cannot read it. To start anew, move that" \
    "folder away; to take the database along, see \"Another version of PostgreSQL\" in docs/OPERATIONS.md"
}

# A server of an earlier script that was killed may be on its way down still.
pg_wait_for_earlier() {
  local pid
  pid=$(pg_run head -n 1 "$pg_dir/data/postmaster.pid" 2>/dev/null) || return 0
  [[ $(pg_run readlink "/proc/$pid/cwd" 2>/dev/null) == "$pg_dir/data" ]] || return 0
  wait_gone "$pid" 10 || fail "a PostgreSQL (process $pid) already runs on $pg_dir: stop the script that started it, or name another folder (scripts/run --var DIR)"
}

pg_start() {
  local dir=$1 setting settings=() deadline
  shift
  pg_reachable_dir "$dir"
  pg_choose_bin
  if ! pg_run test -f "$pg_dir/data/PG_VERSION"; then
    say "Making a private PostgreSQL in $dir"
    pg_run rm -rf "$pg_dir/data.new"
    pg_run "$pg_bin/initdb" --pgdata="$pg_dir/data.new" --username=postgres --encoding=UTF8 \
      --locale=C.UTF-8 --auth-local=trust --auth-host=reject >"$pg_dir/initdb.log" 2>&1 ||
      fail "initdb failed: $(tail -n 1 "$pg_dir/initdb.log")"
    pg_run mv "$pg_dir/data.new" "$pg_dir/data"
  fi
  pg_wait_for_earlier
  pg_choose_socket
  for setting in "$@"; do settings+=(-c "$setting"); done
  : >"$pg_dir/server.log" # and appended to: scripts/run keeps it small
  # In a session of its own: Ctrl-C at the terminal must reach the Stoa server first.
  (cd / && exec setsid setpriv --pdeathsig INT "${pg_as[@]:1}" env HOME=/ LC_ALL=C.UTF-8 \
    "$pg_bin/postgres" -D "$pg_dir/data" -c listen_addresses= -c unix_socket_directories="$pg_socket" \
    -c port=5432 "${settings[@]}" </dev/null >>"$pg_dir/server.log" 2>&1) &
  pg_pid=$!
  deadline=$((SECONDS + 60))
  until "$pg_bin/pg_isready" -q -h "$pg_socket" -U postgres -d postgres; do
    alive "$pg_pid" || fail "PostgreSQL did not start: $(tail -n 1 "$pg_dir/server.log")"
    ((SECONDS < deadline)) || fail "PostgreSQL is not ready after 60 s: see $pg_dir/server.log"
    sleep 0.05
  done
  pg_psql postgres -c "DO \$\$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stoa') THEN
      CREATE ROLE stoa;
    END IF; END \$\$;
    ALTER ROLE stoa LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
}

# Percent-encodes what a URI's query cannot hold; slashes stay readable.
pg_uri_encode() {
  local LC_ALL=C text=$1 out="" c i
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    case $c in
      [a-zA-Z0-9/._~-]) out+=$c ;;
      *) out+=$(printf '%%%02X' "'$c") ;;
    esac
  done
  printf %s "$out"
}

pg_url() { printf 'postgresql://%s@/%s?host=%s' "${2:-stoa}" "$1" "$(pg_uri_encode "$pg_socket")"; }

pg_psql() {
  local database=$1
  shift
  "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$pg_socket" -U postgres -d "$database" "$@"
}

pg_ensure_database() {
  [[ $(pg_psql postgres -At -c "SELECT 1 FROM pg_database WHERE datname = '$1'") == 1 ]] ||
    pg_psql postgres -c "CREATE DATABASE \"$1\" OWNER stoa"
}

pg_stop() {
  [[ -n $pg_pid ]] || return 0
  local signal
  for signal in INT QUIT KILL; do # fast, then immediate shutdown
    kill "-$signal" "$pg_pid" 2>/dev/null || break
    wait_gone "$pg_pid" 15 && break
  done
  wait "$pg_pid" 2>/dev/null || true
  if [[ $pg_socket == /tmp/stoa-pg.* ]]; then rm -rf "$pg_socket"; fi
  pg_pid=
}
