#include "submitwords.h"

#include "choose.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTIVE "#SBATCH"
#define BLANK " \t\r\f\v"

enum meaning { GPU, GPU_IF_NAMED, MEMORY, OTHER_MEMORY, TASKS, MPI };

/* variable: behind SLURM_, SBATCH_ or SALLOC_; NULL: there is none, or it is not looked at. */
static const struct {
	const char *option, *variable;
	enum meaning meaning;
} table[] = {
	{"--gpus", "GPUS", GPU},
	{"-G", NULL, GPU},
	{"--gpus-per-node", "GPUS_PER_NODE", GPU},
	{"--gpus-per-socket", "GPUS_PER_SOCKET", GPU},
	{"--gpus-per-task", "GPUS_PER_TASK", GPU},
	{"--exclusive", "EXCLUSIVE", GPU},
	{"--gres", "GRES", GPU_IF_NAMED},
	{"--tres", NULL, GPU_IF_NAMED},
	{"--tres-per-job", NULL, GPU_IF_NAMED},
	{"--tres-per-node", NULL, GPU_IF_NAMED},
	{"--tres-per-socket", NULL, GPU_IF_NAMED},
	{"--tres-per-task", "TRES_PER_TASK", GPU_IF_NAMED},
	{"--mem", "MEM_PER_NODE", MEMORY},
	{"--mem-per-cpu", "MEM_PER_CPU", OTHER_MEMORY},
	{"--mem-per-gpu", "MEM_PER_GPU", OTHER_MEMORY},
	{"--ntasks", "NTASKS", TASKS},
	{"-n", NULL, TASKS},
	{"--mpi", NULL, MPI},
};

static void take(enum meaning meaning, const char *value, struct dn_submit_words *said)
{
	switch (meaning) {
	case GPU:
		said->gpu = true;
		break;
	case GPU_IF_NAMED: /* shares of a GPU have names of their own */
		said->gpu |= strstr(value, "gpu") != NULL || strstr(value, "shard") != NULL || strstr(value, "mps") != NULL;
		break;
	case MEMORY:
		said->mem = *value != '\0' ? value : NULL;
		break;
	case OTHER_MEMORY:
		said->mem = NULL;
		break;
	case TASKS:
		if (*value >= '0' && *value <= '9')
			said->tasks = (unsigned)strtoul(value, NULL, 10);
		break;
	case MPI:
		if (*value != '\0')
			said->mpi = value;
		break;
	}
}

void dn_submit_words(const char *words, size_t len, struct dn_submit_words *said)
{
	const char *end = words + len, *next;

	for (const char *word = words; word < end; word = next) {
		next = word + strlen(word) + 1;
		said->several |= strcmp(word, ":") == 0 || strcmp(word, "hetjob") == 0 || strcmp(word, "packjob") == 0;
		for (size_t i = 0; *word == '-' && i < sizeof(table) / sizeof(table[0]); i++) {
			const char *value = dn_option_value(word, next < end ? next : "", table[i].option);

			if (value != NULL)
				take(table[i].meaning, value, said);
		}
	}
}

void dn_submit_variables(const char *prefix, struct dn_submit_words *said)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char name[48];
		const char *value;

		if (table[i].variable == NULL)
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix, table[i].variable);
		value = getenv(name);
		if (value != NULL)
			take(table[i].meaning, value, said);
	}
}

/* Appends the words of a line, without quotes; '#' begins a comment. They are never longer than the line. */
static char *put_words(char *to, const char *line, const char *end)
{
	while (line < end && *line != '#') {
		char quote = '\0';

		for (; line < end && (quote != '\0' || strchr(BLANK, *line) == NULL); line++) {
			if (quote == '\0' ? *line == '"' || *line == '\'' : *line == quote)
				quote = quote == '\0' ? *line : '\0';
			else
				*to++ = *line;
		}
		*to++ = '\0';
		line += strspn(line, BLANK);
	}
	return to;
}

size_t dn_submit_directives(char *text, size_t len)
{
	char *to = text;

	for (const char *line = text, *end; line < text + len; line = end + 1) {
		const char *begin = line + strspn(line, BLANK);

		end = line + strcspn(line, "\n");
		/* as Slurm: the first command of the script ends them */
		if (begin < end && *begin != '#')
			break;
		if (strncmp(line, DIRECTIVE, sizeof(DIRECTIVE) - 1) != 0)
			continue;
		line += sizeof(DIRECTIVE) - 1;
		line += strspn(line, BLANK);
		if (line < end)
			to = put_words(to, line, end);
	}
	return (size_t)(to - text);
}

/* 0: no text that a kernel would start. The image itself begins with "#!" too, and is none. */
static size_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
			len += (size_t)n;
	close(fd);
	text[len] = '\0';
	return len > 2 && strncmp(text, "#!", 2) == 0 && strlen(text) == len ? len : 0;
}

size_t dn_submit_script(const char *command_line, size_t len, char *text, size_t size)
{
	const char *end = command_line + len;

	for (const char *word = command_line + strlen(command_line) + 1; word < end; word += strlen(word) + 1) {
		size_t n = *word != '-' ? read_text(word, text, size) : 0;

		if (n > 0)
			return n;
	}
	return 0;
}

bool dn_submit_wraps(const char *command_line, size_t len)
{
	bool wraps = false;

	for (const char *word = command_line; word < command_line + len; word += strlen(word) + 1)
		wraps |= strncmp(word, "--wrap", strlen("--wrap")) == 0;
	return wraps;
}
