#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H
#include <string.h>
#include <zlib.h>
/* inflateInit2 is a macro, and z_stream must begin as zeros. 15 + 32: zlib or gzip, as found. */
static inline int cz_begin(z_stream *stream) {
  memset(stream, 0, sizeof *stream);
  return inflateInit2(stream, 15 + 32);
}
#endif
