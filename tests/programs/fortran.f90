! fortran: the ring of ring.c, in Fortran.
program ring
  use mpi
  implicit none
  integer :: rank, total, error, token, length, status(MPI_STATUS_SIZE)
  character(len=MPI_MAX_PROCESSOR_NAME) :: host

  call MPI_INIT(error)
  call MPI_COMM_RANK(MPI_COMM_WORLD, rank, error)
  call MPI_COMM_SIZE(MPI_COMM_WORLD, total, error)
  call MPI_GET_PROCESSOR_NAME(host, length, error)
  print '(a,i0,a,i0,a,a)', 'rank ', rank, ' of ', total, ' on ', host(1:length)
  flush (6)
  token = 1
  if (total > 1) then
    if (rank > 0) then
      call MPI_RECV(token, 1, MPI_INTEGER, rank - 1, 0, MPI_COMM_WORLD, status, error)
      token = token + 1
    end if
    call MPI_SEND(token, 1, MPI_INTEGER, mod(rank + 1, total), 0, MPI_COMM_WORLD, error)
    if (rank == 0) call MPI_RECV(token, 1, MPI_INTEGER, total - 1, 0, MPI_COMM_WORLD, status, error)
  end if
  if (rank == 0 .and. token == total) print '(a,i0,a)', 'ring of ', total, ' complete'
  flush (6)
  call MPI_BARRIER(MPI_COMM_WORLD, error)
  call MPI_FINALIZE(error)
end program
