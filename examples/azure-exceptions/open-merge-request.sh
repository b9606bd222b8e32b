#!/usr/bin/env bash
# Puts what update.sh has changed on a branch and lets GitLab open a merge request, or refreshes the one that is open.
# What a push says of a merge request has one line, so the report itself goes into the commit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

branch=ringwall/feeds
title="Addresses of Azure: new service tags"

git switch --quiet --force-create "$branch"
git add --all -- feeds output ringwall.lock.json
{ printf '%s\n\n' "$title"; cat update.md; } | git commit --quiet --cleanup=verbatim --file -
git push --quiet --force --push-option merge_request.create \
  --push-option "merge_request.title=$title" --push-option merge_request.remove_source_branch origin "$branch"
