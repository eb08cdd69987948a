/* large: neighbours exchange 8 MiB, which ranks of one node copy straight out of each other's memory. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES (8 << 20)

int main(int argc, char **argv)
{
	int rank, size, wrong = 0, all = 0;
	unsigned char *out = malloc(BYTES), *in = malloc(BYTES);

	if (!out || !in || MPI_Init(&argc, &argv) != MPI_SUCCESS)
		return 1;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	memset(out, rank + 1, BYTES);
	MPI_Sendrecv(out, BYTES, MPI_BYTE, (rank + 1) % size, 0, in, BYTES, MPI_BYTE, (rank + size - 1) % size, 0, MPI_COMM_WORLD,
		     MPI_STATUS_IGNORE);
	wrong = in[0] != (rank + size - 1) % size + 1 || in[BYTES - 1] != in[0];
	MPI_Reduce(&wrong, &all, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("%d ranks exchanged 8 MiB, %d wrong\n", size, all);
	free(out);
	free(in);
	MPI_Finalize();
	return 0;
}
