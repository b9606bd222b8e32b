#!/usr/bin/env bash
# Puts what update.sh has changed on a branch and opens a pull request on GitHub, or refreshes the one that is open.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

branch=ringwall/feeds
title="Addresses of Azure: new service tags"

git switch --quiet --force-create "$branch"
git add --all -- feeds output ringwall.lock.json
git commit --quiet --message "$title"
git push --quiet --force origin "$branch"

if [ "$(gh pr list --head "$branch" --state open --json number --jq length)" = 0 ]; then
  gh pr create --head "$branch" --title "$title" --body-file update.md
else
  gh pr edit "$branch" --body-file update.md
fi
