# goodstanding completion bash > /etc/bash_completion.d/goodstanding
_goodstanding() {
	local IFS=$'\n'
	COMPREPLY=($("$1" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _goodstanding goodstanding
