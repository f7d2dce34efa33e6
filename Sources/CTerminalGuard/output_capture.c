#define _GNU_SOURCE
#include "output_capture.h"

#include <fcntl.h>
#include <sys/mman.h>

int output_capture_open(void) {
  int descriptor = memfd_create("captured-output", MFD_CLOEXEC);
  if (descriptor >= 0) fcntl(descriptor, F_SETFL, O_APPEND);
  return descriptor;
}

void output_capture_discard(int descriptor, off_t end) {
  if (end > 0) fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, end);
}
