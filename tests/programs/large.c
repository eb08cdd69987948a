/* large: neighbours exchange messages of up to 64 MiB, which ranks of one node copy straight out of each other's memory. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST (1 << 10)
#define MOST (64 << 20)

/* One exchange to the right; non-zero when what came is not the left neighbour's. */
static int exchange(unsigned char *out, unsigned char *in, int bytes, int rank, int size)
{
	int left = (rank + size - 1) % size;
	unsigned char mark = (unsigned char)(rank + 1 + bytes / FEWEST);

	memset(out, mark, (size_t)bytes);
	MPI_Sendrecv(out, bytes, MPI_BYTE, (rank + 1) % size, 0, in, bytes, MPI_BYTE, left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	mark = (unsigned char)(left + 1 + bytes / FEWEST);
	return in[0] != mark || in[bytes / 2] != mark || in[bytes - 1] != mark;
}

int main(int argc, char **argv)
{
	int rank, size, bytes, wrong = 0, all = 0;
	unsigned char *out = malloc(MOST), *in = malloc(MOST);

	if (!out || !in || MPI_Init(&argc, &argv) != MPI_SUCCESS)
		return 1;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	for (bytes = FEWEST; bytes <= MOST; bytes *= 4)
		wrong += exchange(out, in, bytes, rank, size);
	MPI_Reduce(&wrong, &all, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("%d ranks exchanged up to 64 MiB, %d wrong\n", size, all);
	free(out);
	free(in);
	MPI_Finalize();
	return 0;
}
