#!/usr/bin/env bash
# Brings the feeds up to date, compiles, and writes into update.md what that changes: in the feeds, and for packets,
# target by target. What is given here goes to `ringwall feeds update`, such as --url of a mirror with the feed's name.
#
# Ends with 0 when there was nothing newer (no update.md then) and when there was; with GITHUB_OUTPUT set, it says which
# as changed=true or false. Anything else is a failure, and the files are as they were.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

main() {
  rm -rf .before update.md
  mkdir .before
  cp -R feeds output policy.yaml ringwall.yaml ringwall.lock.json .before/
  trap 'finish $?' EXIT

  ringwall feeds update "$@"
  if cmp -s ringwall.lock.json .before/ringwall.lock.json; then
    changed false
    return
  fi
  ringwall compile policy.yaml
  { packet_changes; feed_changes; } >update.part
  # A description of a pull request has 65,536 characters at most.
  if [ "$(wc -c <update.part)" -gt 60000 ]; then
    { printf 'This is cut: run update.sh to see all of it.\n\n' && head -c 60000 update.part; } >update.md
  else
    cp update.part update.md
  fi
  changed true
}

packet_changes() {
  echo "# What changes for packets"
  local folder target before text status
  for folder in output/*; do
    target=$(sources "$folder")
    printf '\n## %s\n\n' "$target"
    if [ ! -e ".before/$folder" ]; then
      echo "It is new."
      continue
    fi
    before=$(sources ".before/$folder")
    status=0
    text=$(ringwall diff "$before" "$target") || status=$?
    # 1: they differ, or it cannot tell; it says which. More is a failure.
    [ "$status" -le 1 ] || exit "$status"
    # Indented, so that nothing in it ends the block.
    printf '%s\n' "$text" | sed 's/^/    /'
  done
}

# What to compare of a target's folder: of its files, some say the same in another form or are for another time.
sources() {
  case $1 in
    */iptables)
      printf '%s' "$1/rules.v4,$1/rules.v6"
      # Lists that are long stand in sets of their own.
      [ ! -e "$1/sets.ipset" ] || printf ',%s' "$1/sets.ipset"
      ;;
    */windows-defender) printf '%s' "$1/ringwall.ps1" ;;
    *) printf '%s' "$1" ;;
  esac
}

feed_changes() {
  printf '\n# What changed in the feeds\n'
  local feed
  for feed in feeds/*.json; do
    cmp -s "$feed" ".before/$feed" && continue
    # Of Office 365, the announced changes are told with the endpoints.
    case $feed in *-changes-*) continue ;; esac
    echo
    if [ -e ".before/$feed" ]; then
      ringwall feeds diff ".before/$feed" "$feed" --policy policy.yaml --format markdown
    else
      echo "$feed is new."
    fi
  done
}

changed() {
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "changed=$1" >>"$GITHUB_OUTPUT"
}

finish() {
  if [ "$1" -ne 0 ]; then
    rm -rf feeds output update.md
    cp -R .before/. .
  fi
  rm -rf .before update.part
}

main "$@"
