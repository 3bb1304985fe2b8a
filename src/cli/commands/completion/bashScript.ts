/**
 * Completion for bash. The scripts of libraries need a package (bash-completion), cannot be loaded twice, run parts of
 * the line, or let bash expand a server's text; this one does not. It works from bash 3.2 on.
 */
export const bashScript = `# bash completion for devicehive and dh
_devicehive() {
    local line=\${COMP_LINE:-} word words=() index out prefix='' head=\${2-\${COMP_WORDS[COMP_CWORD]}} directive=0
    COMPREPLY=()
    # bash splits words at = : @ too: what no blank separates is one word.
    line=\${line#*"\${COMP_WORDS[0]}"}
    for ((index = 1; index <= COMP_CWORD; index++)); do
        word=\${COMP_WORDS[index]}
        if [[ index -gt 1 && -n $word && $line == "$word"* ]]; then
            words[\${#words[@]} - 1]+=$word
        else
            words+=("$word")
            line=\${line#"\${line%%[![:space:]]*}"}
        fi
        line=\${line#"$word"}
    done
    out=$(devicehive completion complete -- "\${words[@]}" 2>/dev/null) || return 0

    # bash replaces only the end of the word, which it hands over as $2; what stands before that is not repeated.
    word=\${words[\${#words[@]} - 1]}
    if [[ $word == --*=* ]]; then prefix=\${word%%=*}=; fi
    if [[ $head == [=:] ]]; then head=''; fi
    head=\${word%"$head"}
    while IFS= read -r line; do
        case $line in
            :*) directive=\${line#:} ;;
            ?*)
                line=$prefix\${line%%$'\\t'*}
                COMPREPLY+=("\${line#"$head"}")
                ;;
        esac
    done <<<"$out"

    if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
    if ((directive & 32)); then compopt -o nosort 2>/dev/null; fi
    if (((directive & 4) == 0)) && [[ \${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o filenames 2>/dev/null
        word=\${word#"$prefix"}
        while IFS= read -r line; do
            line=$prefix$line
            COMPREPLY+=("\${line#"$head"}")
        done < <(compgen -f -- "$word")
    fi
    return 0
}
complete -F _devicehive devicehive dh
`;
