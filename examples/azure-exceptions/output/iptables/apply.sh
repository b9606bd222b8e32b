#!/bin/sh
# Edge policy azure-exceptions, written by ringwall 0.1.0. Change the policy, not this file.
# SMB and NetBIOS do not cross the edge; Azure Files in two regions does.
# Feed azure: changeNumber 12, sha256 569004465be3571a9af93cc98acf1a2b851f9de20806f2f30b17a0ff9f9d6262
#
# Loads the sets and rules that lie beside this script, both families, without touching anybody else's rules.
#
#   apply.sh             loads them
#   apply.sh --dry-run   shows what would be loaded, changes nothing
#   apply.sh --rollback  goes back to what was loaded before the last apply that changed something
#
# Each family changes in one transaction: there is no moment without rules. When a step fails, what was loaded before is
# restored; when that fails too, closed.v4 and closed.v6 are loaded, which deny without any exception.
#
# Exit status: 0 done, 1 failed and nothing is changed, 2 wrong use, 3 failed and closed, 4 failed and not even closed:
# what the kernel holds then is in force (the messages say how far it came).
#
# RINGWALL_STATE    where the state before an apply is kept, /var/lib/ringwall/iptables by default
# RINGWALL_VARIANT  "legacy" or "nft" for iptables-legacy-restore and so on; by default the system's choice

set -u
umask 077
LC_ALL=C
export LC_ALL

prefix='RW'
hooks='FORWARD INPUT OUTPUT'
sets=''
state=${RINGWALL_STATE:-/var/lib/ringwall/iptables}
variant=${RINGWALL_VARIANT:+-$RINGWALL_VARIANT}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
work=

main() {
  case "$#:${1:-}" in
    0:) apply ;;
    1:--dry-run) dry_run ;;
    1:--rollback) rollback ;;
    *)
      say "usage: apply.sh [--dry-run | --rollback]"
      exit 2
      ;;
  esac
}

apply() {
  begin
  for file in rules.v4 rules.v6 closed.v4 closed.v6 $sets; do
    [ -r "$here/$file" ] || give_up "$here/$file cannot be read"
  done
  trap 'interrupted' HUP INT TERM
  load_all "$here/rules.v4" "$here/rules.v6" "${sets:+$here/$sets}"
  keep_before
  trap '' HUP INT TERM
  remove_old_sets "${sets:+$here/$sets}"
  say "applied"
}

rollback() {
  begin
  for file in own.v4 own.v6 own.ipset; do
    [ -r "$state/before/$file" ] || give_up "there is nothing to go back to in $state/before"
  done
  trap 'interrupted' HUP INT TERM
  back=
  [ -s "$state/before/own.ipset" ] && back=$state/before/own.ipset
  load_all "$state/before/own.v4" "$state/before/own.v6" "$back"
  trap '' HUP INT TERM
  remove_old_sets "$back"
  say "rolled back"
}

dry_run() {
  begin
  transaction 4 "$here/rules.v4" >"$work/dry.v4" || give_up "the IPv4 rules cannot be prepared"
  transaction 6 "$here/rules.v6" >"$work/dry.v6" || give_up "the IPv6 rules cannot be prepared"
  if [ -n "$sets" ]; then
    printf '# ipset restore\n'
    cat "$here/$sets"
  fi
  printf '# iptables%s-restore --noflush\n' "$variant"
  cat "$work/dry.v4"
  printf '# ip6tables%s-restore --noflush\n' "$variant"
  cat "$work/dry.v6"
  say "nothing was changed"
}

# Reads what is loaded now. Until load_all nothing is changed, and a failure leaves everything as it was.
begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/ringwall.XXXXXX") || give_up "no temporary directory can be made"
  trap 'rm -rf "$work"' EXIT
  save 4 >"$work/now.v4" || give_up "the loaded IPv4 rules cannot be read"
  save 6 >"$work/now.v6" || give_up "the loaded IPv6 rules cannot be read"
  own_rules "$work/now.v4" >"$work/own.v4" || give_up "the loaded IPv4 rules cannot be read"
  own_rules "$work/now.v6" >"$work/own.v6" || give_up "the loaded IPv6 rules cannot be read"
  if [ -n "$sets" ] || command -v ipset >/dev/null 2>&1; then
    ipset save >"$work/now.ipset" || give_up "the loaded sets cannot be read"
  else
    : >"$work/now.ipset"
  fi
  own_sets "$work/now.ipset" >"$work/own.ipset" || give_up "the loaded sets cannot be read"
}

# load_all rules.v4 rules.v6 sets-or-nothing
load_all() {
  if [ -n "$3" ]; then
    remove_filling_sets
    ipset restore <"$3" || undo "the sets cannot be loaded"
  fi
  transaction 4 "$1" >"$work/new.v4" || undo "the IPv4 rules cannot be prepared"
  transaction 6 "$2" >"$work/new.v6" || undo "the IPv6 rules cannot be prepared"
  restore 4 --test <"$work/new.v4" || undo "the IPv4 rules do not load"
  restore 6 --test <"$work/new.v6" || undo "the IPv6 rules do not load"
  restore 4 <"$work/new.v4" || undo "the IPv4 rules do not load"
  restore 6 <"$work/new.v6" || undo "the IPv6 rules do not load"
  loaded 4 "$1" || undo "the IPv4 rules are not what was loaded"
  loaded 6 "$2" || undo "the IPv6 rules are not what was loaded"
}

# Own rules of the family as they are now, in the form of rules.v4, have the same chains and heads as the file.
loaded() {
  save "$1" >"$work/check" && own_rules "$work/check" >"$work/check.own" || return 1
  grep -e '^:' -e '^-I ' "$work/check.own" | sort >"$work/check.is"
  grep -e '^:' -e '^-I ' "$2" | sort >"$work/check.should"
  cmp -s "$work/check.is" "$work/check.should"
}

interrupted() {
  undo "interrupted"
}

# A step failed: goes back to what was loaded before, or closes.
undo() {
  trap '' HUP INT TERM
  say "failed: $1"
  for family in 6 4; do
    if ! { transaction "$family" "$work/own.v$family" >"$work/undo.v$family" && restore "$family" <"$work/undo.v$family"; }; then
      close "$family"
    fi
  done
  [ -z "$closed" ] || exit "$closed"
  remove_old_sets "$work/own.ipset"
  say "what was loaded before is in force"
  exit 1
}

closed=

close() {
  if transaction "$1" "$here/closed.v$1" >"$work/closed.v$1" && restore "$1" <"$work/closed.v$1"; then
    say "the state before cannot be restored: IPv$1 is closed now, without any exception"
    closed=${closed:-3}
  else
    say "IPv$1 can neither be restored nor closed: the kernel keeps what it has loaded; look at iptables-save"
    closed=4
  fi
}

# The state before this apply, unless the apply changed nothing: then the last change can still be taken back.
keep_before() {
  save 4 >"$work/after.v4" && own_rules "$work/after.v4" >"$work/after.own.v4" || undo "the loaded IPv4 rules cannot be read"
  save 6 >"$work/after.v6" && own_rules "$work/after.v6" >"$work/after.own.v6" || undo "the loaded IPv6 rules cannot be read"
  if cmp -s "$work/own.v4" "$work/after.own.v4" && cmp -s "$work/own.v6" "$work/after.own.v6" && [ -d "$state/before" ]; then
    return 0
  fi
  mkdir -p "$state" && rm -rf "$state/next" && mkdir "$state/next" &&
    cp "$work/own.v4" "$work/own.v6" "$work/own.ipset" "$work/now.v4" "$work/now.v6" "$state/next/" &&
    rm -rf "$state/before" && mv "$state/next" "$state/before" || undo "the state before cannot be kept in $state"
}

# transaction family file: the input of one iptables-restore --noflush that makes the own chains those of the file.
# Own chains that the file does not have are removed, and own jumps stand at the head once, wherever they stood.
transaction() {
  save "$1" >"$work/transaction.now" || return 1
  awk -v own="$prefix-" -v hooks="$hooks" '
    part == "now" && /^\*/ { filter = $0 == "*filter" }
    part == "now" && filter && /^:/ && index($1, ":" own) == 1 { old[++olds] = substr($1, 2) }
    part == "now" && filter && jump() { removed[++removes] = "-D " $2 " -j " $4 }
    part == "new" && /^:/ { wanted[substr($1, 2)] = 1; print_later[++chains] = $1 " - [0:0]" }
    part == "new" && /^-A / { rule[++rules] = $0 }
    part == "new" && /^-I / { head[++heads] = $0 }
    function jump() { return $1 == "-A" && NF == 4 && $3 == "-j" && $4 == own $2 }
    END {
      print "*filter"
      for (i = 1; i <= chains; i++) print print_later[i]
      for (i = 1; i <= olds; i++) if (!(old[i] in wanted)) print ":" old[i] " - [0:0]"
      for (i = 1; i <= rules; i++) print rule[i]
      for (i = 1; i <= removes; i++) print removed[i]
      for (i = 1; i <= heads; i++) print head[i]
      for (i = 1; i <= olds; i++) if (!(old[i] in wanted)) print "-X " old[i]
      print "COMMIT"
    }
  ' part=now "$work/transaction.now" part=new "$2"
}

# The own part of what iptables-save printed, in the form of rules.v4.
own_rules() {
  awk -v own="$prefix-" '
    /^\*/ { filter = $0 == "*filter" }
    filter && /^:/ && index($1, ":" own) == 1 { print $1 " - [0:0]" }
    filter && $1 == "-A" && index($2, own) == 1 { print }
    filter && $1 == "-A" && NF == 4 && $3 == "-j" && $4 == own $2 && !seen[$2]++ { heads[++n] = "-I " $2 " 1 -j " $4 }
    END { for (i = 1; i <= n; i++) print heads[i] }
  ' "$1"
}

# The own part of what ipset save printed, in a form that loads beside what is there.
own_sets() {
  awk -v own4="${prefix}4-" -v own6="${prefix}6-" '
    ($1 == "create" || $1 == "add") && (index($2, own4) == 1 || index($2, own6) == 1) { print $0 " -exist" }
  ' "$1"
}

# remove_old_sets file-or-nothing: destroys own sets, but for those that the file creates.
# The kernel lets go of replaced rules a moment after the transaction, and refuses to destroy a set until then.
remove_old_sets() {
  command -v ipset >/dev/null 2>&1 || return 0
  for pause in 0 1 1 2; do
    sleep "$pause"
    left=
    for name in $(ipset list -n 2>/dev/null); do
      case "$name" in
        "${prefix}4-"* | "${prefix}6-"*) ;;
        *) continue ;;
      esac
      if [ -n "$1" ] && grep -q "^create $name " "$1"; then continue; fi
      ipset destroy "$name" 2>/dev/null || left="$left $name"
    done
    [ -n "$left" ] || return 0
  done
  say "these sets of an older output are in use and stay:$left"
}

remove_filling_sets() {
  ipset list -n 2>/dev/null | while read -r name; do
    case "$name" in
      "${prefix}4-fill-"* | "${prefix}6-fill-"*) ipset destroy "$name" 2>/dev/null || : ;;
    esac
  done
}

save() {
  case "$1" in
    4) "iptables$variant-save" -t filter ;;
    6) "ip6tables$variant-save" -t filter ;;
  esac
}

restore() {
  case "$1" in
    4) "iptables$variant-restore" --noflush -w 10 ${2:+"$2"} ;;
    6) "ip6tables$variant-restore" --noflush -w 10 ${2:+"$2"} ;;
  esac
}

give_up() {
  say "failed: $1; nothing was changed"
  exit 1
}

say() {
  printf '%s\n' "ringwall: $1" >&2
}

main "$@"
