# goodstanding completion fish > ~/.config/fish/completions/goodstanding.fish
function __goodstanding_words
	set -l words (commandline -opc) "$(commandline -ct)"
	set -l found (command goodstanding completion fish -- $words[2..] 2>/dev/null)
	printf '%s\n' $found
	test -n "$found[1]"
end
# Where the program knows no word, as for the value of a flag, fish offers files.
complete -c goodstanding -f -n '__goodstanding_words >/dev/null' -a '(__goodstanding_words)'
