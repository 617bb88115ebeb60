# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Where this machine's apt gets Debian from; for scripts that need other suites.

# "URI suite" of every enabled binary source of this machine.
apt_sources() {
	local list='' parts=''
	eval "$(apt-config shell list Dir::Etc::sourcelist/f \
		parts Dir::Etc::sourceparts/d)"
	local f
	for f in "$list" "$parts"/*.list; do
		[ -r "$f" ] || continue
		sed -n 's/^[[:space:]]*deb[[:space:]]\+\(\[[^]]*\][[:space:]]*\)\?//p' "$f" |
			awk '{ print $1, $2 }'
	done
	for f in "$parts"/*.sources; do
		[ -r "$f" ] || continue
		awk -v RS= '{
			split("", val); field = ""
			n = split($0, line, "\n")
			for (i = 1; i <= n; i++) {
				if (line[i] ~ /^#/)
					continue
				if (line[i] ~ /^[A-Za-z-]+:/) {
					field = tolower(line[i])
					sub(/:.*/, "", field)
					sub(/^[^:]*:/, "", line[i])
				}
				val[field] = val[field] " " line[i]
			}
			nt = split(val["types"], type)
			for (i = 1; i <= nt && type[i] != "deb"; i++)
				;
			if (i > nt || tolower(val["enabled"]) ~ /no|false/)
				next
			split(val["uris"], uri)
			ns = split(val["suites"], suite)
			for (i = 1; i <= ns; i++)
				print uri[1], suite[i]
		}' "$f"
	done
}

# archive_uri main|security - where this machine gets that archive from
archive_uri() {
	local releases='(oldoldstable|oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)'
	case $1 in
	main) apt_sources | grep -E " $releases/?\$" ;;
	security) apt_sources | grep -E " $releases(-security|/updates)\$" ;;
	esac | awk '$1 !~ /^cdrom:/ && !seen++ { print $1 }' || true
}
