/* spawn: two ranks start a third by MPI_Comm_spawn, and all three add up their numbers. */
#include <mpi.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	MPI_Comm parent, children = MPI_COMM_NULL, all;
	int rank, size, one = 1, sum = 0;

	MPI_Init(&argc, &argv);
	MPI_Comm_get_parent(&parent);
	if (parent == MPI_COMM_NULL) {
		MPI_Comm_spawn(argv[0], MPI_ARGV_NULL, 1, MPI_INFO_NULL, 0, MPI_COMM_WORLD, &children, MPI_ERRCODES_IGNORE);
		MPI_Intercomm_merge(children, 0, &all);
	} else {
		MPI_Intercomm_merge(parent, 1, &all);
	}
	MPI_Comm_rank(all, &rank);
	MPI_Comm_size(all, &size);
	MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, all);
	if (rank == 0)
		printf("%d processes of %d together\n", sum, size);
	MPI_Comm_free(&all);
	MPI_Comm_disconnect(parent == MPI_COMM_NULL ? &children : &parent);
	MPI_Finalize();
	return 0;
}
