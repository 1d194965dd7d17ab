# Sourced by tests of the examples of docs/api.md: a run makes other external ids than the document
# shows.
#
# shellcheck shell=bash

# actual[SHOWN] and documented[MADE], of this test.
declare -gA actual=() documented=()

UUID='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

# with_uuids ARRAY: standard input, each UUID replaced by what ARRAY has for it.
with_uuids() {
    local -n replacement=$1
    local uuid script=()
    for uuid in "${!replacement[@]}"; do
        script+=(-e "s/$uuid/${replacement[$uuid]}/g")
    done
    sed -E "${script[@]}" -e ''
}

# pair_uuids SHOWN ANSWER: the nth UUID of the ANSWER so far is the nth of what the document has
# SHOWN, now and in all that follows. A pair that does not fit the pairs before stays as it is, and
# shows in the difference.
pair_uuids() {
    local shown got i
    mapfile -t shown < <(grep -oE "$UUID" <<<"$1")
    mapfile -t got < <(grep -oE "$UUID" <<<"$2")
    for ((i = 0; i < ${#got[@]} && i < ${#shown[@]}; i++)); do
        if [[ -z ${actual[${shown[i]}]:-} && -z ${documented[${got[i]}]:-} ]]; then
            actual[${shown[i]}]=${got[i]}
            documented[${got[i]}]=${shown[i]}
        fi
    done
}
