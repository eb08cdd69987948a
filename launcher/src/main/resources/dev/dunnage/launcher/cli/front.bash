
# exec, run, shell, test, instance, mpirun and gc are not Java's.
function _complete_dunnage() {
  local commands="exec run shell test instance mpirun gc" word="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}"
  local options="--bind --mount --cleanenv --contain --containall --workdir --pwd --env --env-file --home --no-home
    --no-mount --overlay --writable-tmpfs --app --fakeroot --ipc --uts --hostname --net --network --shell --container-mpi --container-require-transport --nv --rocm --pull --sharens
    --passphrase --passphrase-fd --pem-path --help"
  if [ "$COMP_CWORD" -le 1 ]; then
    _dunnage_java
    COMPREPLY+=( $(compgen -W "$commands" -- "$word") )
    return 0
  fi
  case "$command" in
    exec|run|shell|test) COMPREPLY=( $(compgen -W "$options" -- "$word") ) ;;
    instance) COMPREPLY=( $(compgen -W "start list stop $options" -- "$word") ) ;;
    mpirun) COMPREPLY=( $(compgen -W "--image --container-mpi" -- "$word") ) ;;
    gc) COMPREPLY=( $(compgen -W "--dry-run --slurm-bin --help" -- "$word") ) ;;
    *) _dunnage_java; return ;;
  esac
  case "$word" in
    -*) ;;
    *) COMPREPLY+=( $(compgen -f -- "$word") ) ;;
  esac
}
complete -F _complete_dunnage -o default dunnage
