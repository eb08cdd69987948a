/* ring: each rank tells who it is, a token goes round once, rank 0 says that the ring is complete. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int pass_token(int rank, int size)
{
	int token = 0;

	if (rank == 0) {
		token = 1;
		MPI_Send(&token, 1, MPI_INT, 1, 0, MPI_COMM_WORLD);
		MPI_Recv(&token, 1, MPI_INT, size - 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	} else {
		MPI_Recv(&token, 1, MPI_INT, rank - 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		token++;
		MPI_Send(&token, 1, MPI_INT, (rank + 1) % size, 0, MPI_COMM_WORLD);
	}
	return token;
}

/*
 * Lets every pair of ranks exchange something, and gives the library time and calls to finish the hand-shakes:
 * MPICH over UCX waits for ever in MPI_Finalize for a peer that left in the middle of one.
 */
static void connect_all(int size)
{
	int *mine = calloc((size_t)size * 2, sizeof(int));
	int round;

	if (!mine)
		MPI_Abort(MPI_COMM_WORLD, 1);
	for (round = 0; round < 3; round++) {
		MPI_Alltoall(mine, 1, MPI_INT, mine + size, 1, MPI_INT, MPI_COMM_WORLD);
		MPI_Barrier(MPI_COMM_WORLD);
		usleep(20000);
	}
	free(mine);
}

int main(int argc, char **argv)
{
	char host[256] = "?";
	int rank, size, token;

	if (MPI_Init(&argc, &argv) != MPI_SUCCESS)
		return 1;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	gethostname(host, sizeof(host) - 1);
	printf("rank %d of %d on %s\n", rank, size, host);
	fflush(stdout);
	/* A world of one has no ring: the line below is the proof that the ranks found each other. */
	token = size > 1 ? pass_token(rank, size) : 1;
	if (rank == 0 && token == size)
		printf("ring of %d complete\n", size);
	fflush(stdout);
	connect_all(size);
	MPI_Finalize();
	return 0;
}
