/* ring: each rank tells who it is, a token goes round once, rank 0 says that the ring is complete. */
#include <mpi.h>
#include <stdio.h>
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
	MPI_Finalize();
	return 0;
}
