#!/bin/bash
# Runs fuzz targets for a while each, seeded with the contract's vectors.
#   run.sh FOLDER VECTORS SECONDS TARGET...     FOLDER holds the targets and gets seeds, corpus and findings
set -eu
folder=$(cd "$1" && pwd) vectors=$2 seconds=$3
shift 3
mkdir -p "$folder/seeds"
for hex in "$vectors"/good/*.hex "$vectors"/bad/*.hex; do
	sed 's/#.*//' "$hex" | perl -0777 -ne 's/\s//g; print pack("H*", $_)' >"$folder/seeds/$(basename "$(dirname "$hex")")-$(basename "$hex" .hex)"
done
printf 'ddunnage-job-1\000100\000physics\000debug\000' >"$folder/seeds/record"
printf '\377dunnage-job-1\0004294967294\000\000\000' >"$folder/seeds/record-empty"
for target in "$@"; do
	mkdir -p "$folder/corpus-$target"
	echo "== $target, $seconds s"
	"$folder/$target" -max_total_time="$seconds" -max_len=70000 -artifact_prefix="$folder/$target-" -verbosity=1 -print_final_stats=1 \
		"$folder/corpus-$target" "$folder/seeds" >"$folder/$target.log" 2>&1 || { tail -50 "$folder/$target.log"; exit 1; }
	grep -E 'stat::number_of_executed_units|cov:' "$folder/$target.log" | tail -2
done
