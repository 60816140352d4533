#compdef goodstanding
# goodstanding completion zsh > /usr/local/share/zsh/site-functions/_goodstanding
_goodstanding() {
	local -a found
	found=("${(@f)$("$words[1]" completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n $found[1] ]]; then
		_describe goodstanding found
	else
		_files
	fi
}
if [[ $funcstack[1] == _goodstanding ]]; then
	_goodstanding "$@"
else
	compdef _goodstanding goodstanding
fi
